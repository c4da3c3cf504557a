// What is found in a line: levels, records, and whether it passes a filter; and colours that can be read.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { contrast, legible, luminance } from "./colour.ts";
import { isEmpty, parseFilter, passes } from "./filter.ts";
import { formatJson, parseJsonObject } from "./json.ts";
import { levelOfText } from "./level.ts";
import { lineOf } from "./line.ts";
import { recordOf } from "./record.ts";

test("the level of a line", () => {
  const levels = {
    "2026-11-26T10:43:15Z INFO listening": "info",
    "[warn] low on memory": "warn",
    "<error> no": "error",
    'ts=1 level=debug msg="x"': "debug",
    "10:43:15.123 [main] ERROR c.e.Handler - Unhandled": "error",
    "warning: unused variable": "warn",
    "error[E0382]: borrow of moved value": "error",
    "E1126 10:43:16.100000 1 reflector.go:150] Unhandled": "error",
    "TypeError: x is not a function": "error",
    "Caused by: java.io.IOException: no": "error",
    "--- FAIL: TestExpire (0.40s)": "error",
    '127.0.0.1 - - [26/Nov/2026:10:43:15 +0000] "GET / HTTP/1.1" 503 12': "error",
    '127.0.0.1 - - [26/Nov/2026:10:43:15 +0000] "GET / HTTP/1.1" 404 12': "warn",
    "panic: runtime error: index out of range": "fatal",
    "Nov 26 10:43:15 web kernel: CRITICAL: temperature": "fatal",
    "TRACE enter": "trace",
  };
  for (const [text, level] of Object.entries(levels))
    expect([text, levelOfText(text)?.level]).toEqual([text, level]);
  for (const text of ["hello", "no errors were found", "information for all", "", "{}"])
    expect([text, levelOfText(text)]).toEqual([text, undefined]);
});

function record(text: string): object {
  const whole = parseJsonObject(text);
  if (whole === undefined) throw new Error("Not JSON");
  const { level, message, rest } = recordOf(whole);
  return {
    level,
    message,
    rest: Object.fromEntries(rest.map(({ name, value }) => [name, formatJson(value)])),
  };
}

test("the place of the word that says it", () => {
  for (const text of ["10:43 ERROR no", "level=error x", "[error] y", "error[E1]: z"]) {
    const { start = 0, end = 0 } = levelOfText(text) ?? {};
    expect(text.slice(start, end).toLowerCase()).toBe("error");
  }
});

test("the level, message and rest of a record", () => {
  expect(record('{"level":50,"time":1795363701902,"pid":7,"msg":"failed","err":{"a":[1]}}')).toEqual({
    level: "error",
    message: "failed",
    rest: { pid: "7", err: '{"a":[1]}' },
  });
  expect(record('{"severity":"WARNING","message":"slow","timestamp":"x","took":1.20}')).toEqual({
    level: "warn",
    message: "slow",
    rest: { took: "1.20" },
  });
  expect(record('{"PRIORITY":"3","MESSAGE":"oops","_PID":"1"}')).toMatchObject({
    level: "error",
    message: "oops",
  });
  expect(record('{"log":"hello\\n","stream":"stdout"}')).toMatchObject({
    message: "hello\n",
    level: undefined,
  });
  // Not what they seem: they stay with the rest.
  expect(record('{"level":{"a":1},"msg":5,"message":"m"}')).toEqual({
    level: undefined,
    message: "m",
    rest: { level: '{"a":1}', msg: "5" },
  });
  expect(record('{"level":1e5,"__proto__":1}')).toMatchObject({ level: undefined, message: undefined });
});

describe("a filter", () => {
  const shows = (query: string, text: string): boolean => passes(parseFilter(query), text.toLowerCase());

  test("wants all words, in any case and place", () => {
    expect(shows("error DB", "db: Error")).toBe(true);
    expect(shows("error db", "an error")).toBe(false);
    expect(shows("ÄRGER", "Ärger")).toBe(true);
  });

  test("leaves out what has a minus, and takes quotation marks together", () => {
    expect(shows("get -health", "GET /health")).toBe(false);
    expect(shows("get -health", "GET /")).toBe(true);
    expect(shows('"status 500"', "status 500")).toBe(true);
    expect(shows('"status 500"', "500 status")).toBe(false);
    expect(shows('-"a b"', "a b")).toBe(false);
    expect(shows("a-b", "x a-b")).toBe(true);
  });

  test("is not begun by what is still being typed", () => {
    for (const query of ["", "  ", "-", '"', '-"', '""']) expect(isEmpty(parseFilter(query))).toBe(true);
    expect(shows("(.*)+$", "a (.*)+$ b")).toBe(true);
  });

  test("property: a text passes the filter of its own words, and not the opposite", () => {
    const word = fc.stringMatching(/^[a-z0-9./=]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const text = words.join(" ");
        expect(shows(text, text)).toBe(true);
        expect(shows(`-${words[0]}`, text)).toBe(false);
      }),
    );
  });
});

test("property: mixed colours are legible in both schemes", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(byte, byte, byte, (red, green, blue) => {
      const [light, dark] = [...legible({ red, green, blue }).matchAll(/rgb\((\d+) (\d+) (\d+)\)/g)].map(
        ([, r, g, b]) => luminance({ red: Number(r), green: Number(g), blue: Number(b) }),
      );
      expect(contrast(light ?? 1, 0.83)).toBeGreaterThanOrEqual(4.9);
      expect(contrast(dark ?? 0, 0.02)).toBeGreaterThanOrEqual(4.9);
    }),
  );
});

test("marks that are piled on a letter keep to their line, also in a name", () => {
  const isTall = (text: string, name?: string) =>
    lineOf({ kind: "message", key: "", id: "", text, cursor: "", time: new Date(0), own: false, name })
      .isTall;
  expect([isTall("e\u0301"), isTall("Z\u0301\u0301\u0301"), isTall("", "Z\u0301\u0301\u0301")]).toEqual([
    false,
    true,
    true,
  ]);
});
