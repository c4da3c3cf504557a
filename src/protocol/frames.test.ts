import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { gapText, ndjsonFrame, sseFrame, textFrame, type Entry } from "./frames.ts";
import { eventJson, messageJson } from "./message.ts";
import { Problem } from "./problem.ts";
import { checkText } from "./text.ts";

const CREATED = 1_795_363_701_902_393;
const CURSOR = `${CREATED}000-x`;

/** A valid text of characters that could break a frame. */
const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(
        "\n",
        "\r\n",
        "\n\n",
        "data:",
        "id:",
        "event:",
        "retry:",
        ":",
        " ",
        "a",
        "\u2028",
        "\u0085",
      ),
      maxLength: 40,
    }),
  )
  .filter((given) => {
    try {
      return checkText(given).text !== "";
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  });

function entry(given: string): Entry {
  const checked = checkText(given);
  const json = messageJson("7-x", checked.escaped, CREATED, "foo");
  return { json, created: CREATED, cursor: CURSOR, text: checked.text };
}

/** Parses an event stream (WHATWG HTML §9.2.6). */
function readEventStream(body: string): { id: string; type: string; data: string }[] {
  const events: { id: string; type: string; data: string }[] = [];
  let [id, type, data] = ["", "", ""];
  for (const line of body.split(/\r\n|\n|\r/).slice(0, -1)) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (line === "") {
      if (data !== "") events.push({ id, type: type || "message", data: data.slice(0, -1) });
      [type, data] = ["", ""];
    } else if (field === "data") data += `${value}\n`;
    else if (field === "id") id = value;
    else if (field === "event") type = value;
  }
  return events;
}

describe("a server-sent event", () => {
  test("is one unnamed event with the whole message, whatever its text", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const entries = texts.map(entry);
        const events = readEventStream(entries.map(sseFrame).join(""));
        expect(events).toEqual(entries.map(({ json }) => ({ id: CURSOR, type: "message", data: json })));
        expect(events.map(({ data }) => (JSON.parse(data) as { Text: string }).Text)).toEqual(
          entries.map((one) => one.text),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("has no id for a stream event, which must not move Last-Event-ID", () => {
    const json = eventJson("8-x", CREATED, "foo", { Text: "connect", Observers: 1 });
    const body = sseFrame(entry("hello")) + sseFrame({ json, created: 0, cursor: undefined, text: "" });
    expect(sseFrame({ json, created: 0, cursor: undefined, text: "" })).not.toContain("id:");
    expect(readEventStream(body).map(({ id }) => id)).toEqual([CURSOR, CURSOR]);
  });
});

test("NDJSON has one line per message", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
      const entries = texts.map(entry);
      const lines = entries.map(ndjsonFrame).join("").split("\n");
      expect(lines.pop()).toBe("");
      expect(lines).toEqual(entries.map(({ json }) => json));
    }),
    { numRuns: 300 },
  );
});

test("plain text has the texts of messages and gaps, and no other events", () => {
  expect(textFrame(entry("two\r\nlines"))).toBe("two\nlines\n");
  expect(textFrame({ json: "{}", created: 0, cursor: undefined, text: "" })).toBe("");
  const gap = gapText(0, CREATED);
  expect(textFrame({ json: "{}", created: 0, cursor: undefined, text: gap })).toBe(`${gap}\n`);
});

test("no message looks like a gap in plain text", () => {
  expect(gapText(5, 9)).toBe("\u001agap: messages after 5000 and before 9000 are missing");
  expect(() => checkText(gapText(5, 9))).toThrow(Problem);
});

test("a message has the keys of the original, in its order", () => {
  fc.assert(
    fc.property(text, (given) => {
      const { json, text: stored } = entry(given);
      const message = {
        Id: "7-x",
        Text: stored,
        Type: "message",
        Created: `${CREATED}000`,
        Stream: "foo",
        Metadata: null,
      };
      expect(JSON.parse(json)).toEqual(message);
      expect(Object.keys(JSON.parse(json) as object)).toEqual(Object.keys(message));
    }),
    { numRuns: 200 },
  );
});

test("an event has the keys of a message and its own", () => {
  const common = { Id: "8-x", Type: "event", Created: "5000", Stream: "foo", Metadata: null };
  const details = [
    { Text: "welcome", Server: "x", Cursor: "5000-x", TTL: 1024e9, Expires: "9000", Count: 7 },
    { Text: "connect", Observers: 3 },
    { Text: "close", Observers: 2 },
    { Text: "gap", From: "1000", To: "4000" },
    { Text: "created", TTL: 60e9 },
    { Text: "expiring", Seconds: 60 },
    { Text: "ended", Reason: "idle" },
  ] as const;
  for (const detail of details)
    expect(JSON.parse(eventJson("8-x", 5, "foo", detail))).toEqual({ ...common, ...detail });
});
