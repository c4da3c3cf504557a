import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_ENVELOPE } from "./envelope.ts";
import { MAX_FRAME, MAX_TEXT } from "./limits.ts";
import { checkName } from "./name.ts";
import { MAX_PERSON, MAX_SEALED_PERSON } from "./presence.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import { readResume } from "./query.ts";
import {
  ackJson,
  CLOSE,
  decodeFrame,
  MAX_REF,
  readClientFrame,
  refOf,
  uniqueRef,
  type ClientFrame,
} from "./socket.ts";
import { checkText } from "./text.ts";

function read(data: string): ClientFrame {
  return readClientFrame(decodeFrame(data), "_");
}

function rejection(data: string): { code: ProblemCode; detail: string } | undefined {
  try {
    read(data);
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, detail: error.detail };
    throw error;
  }
  return undefined;
}

/** The longest valid members of each type of frame, in UTF-16 code units. */
const LONGEST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  message: { Text: "😀".repeat(MAX_TEXT), Stream: "s".repeat(64), Name: "😀".repeat(MAX_PERSON) },
  subscribe: {
    Stream: "s".repeat(64),
    Last: `${"9".repeat(20)}-${"a".repeat(32)}`,
    Name: "😀".repeat(MAX_PERSON),
    Status: "typing",
  },
  unsubscribe: { Stream: "s".repeat(64) },
  presence: { Stream: "s".repeat(64), Name: "😀".repeat(MAX_PERSON), Status: "typing" },
  ping: {},
};

/** A JSON string in the longest form: each UTF-16 code unit takes six bytes. */
function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

describe("the longest valid frame fits, with everything escaped", () => {
  for (const [Type, members] of Object.entries(LONGEST)) {
    test(Type, () => {
      const frame = { Type, Ref: "😀".repeat(MAX_REF / 2), ...members };
      const json = `{${Object.entries(frame)
        .map(([name, value]) => `${escaped(name)}:${escaped(value)}`)
        .join(",")}}`;
      expect(decodeFrame(json)).toEqual(frame);
      expect(read(json)).toMatchObject({ Type });
      if (members["Text"] !== undefined) expect(checkText(members["Text"]).text).toBe(members["Text"]);
      if (members["Stream"] !== undefined) expect(checkName(members["Stream"])).toBe(members["Stream"]);
      if (members["Last"] !== undefined)
        expect(() => readResume(members["Last"], "other", "Last")).not.toThrow();
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_FRAME);
    });
  }
});

describe("the longest valid frame about a sealed stream fits", () => {
  const access = { Ref: "😀".repeat(MAX_REF / 2), Stream: "~".repeat(64), Access: "A".repeat(172) };
  const name = `~1.${"A".repeat(MAX_SEALED_PERSON - 3)}`;

  test("if it is a message, as JSON.stringify writes it", () => {
    const frame = { Type: "message", ...access, Text: `~1.${"A".repeat(MAX_ENVELOPE - 3)}` };
    const json = JSON.stringify(frame);
    expect(readClientFrame(decodeFrame(json), "_")).toMatchObject({ Text: frame.Text, Access: frame.Access });
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_FRAME);
  });

  for (const Type of ["subscribe", "presence"]) {
    test(`if it is of the type ${Type}, with everything escaped`, () => {
      const frame = { Type, ...access, Name: name, Status: "typing" };
      const members = Object.entries(frame).map(([key, value]) => `${escaped(key)}:${escaped(value)}`);
      const json = `{${members.join(",")}}`;
      expect(readClientFrame(decodeFrame(json), "_")).toMatchObject({
        Type,
        Access: access.Access,
        Person: { Name: name, Status: "typing" },
      });
      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_FRAME);
    });
  }

  test("and its name is checked by the stream of the socket if it has none", () => {
    const frame = decodeFrame(JSON.stringify({ Type: "presence", Name: name }));
    expect(readClientFrame(frame, "~sealed")).toMatchObject({ Person: { Name: name } });
    expect(() => readClientFrame(frame, "_")).toThrow("1 to 32 characters");
  });
});

describe("a frame from a client", () => {
  const frames: ClientFrame[] = [
    { Type: "message", Text: "hello" },
    { Type: "message", Text: "", Stream: "foo" },
    { Type: "message", Text: "hello", Name: "Ada" },
    { Type: "message", Text: "hello", Stream: "foo", Name: " " },
    { Type: "subscribe", Stream: "foo" },
    { Type: "subscribe", Stream: "foo", Last: "earliest" },
    { Type: "unsubscribe", Stream: "foo" },
    { Type: "message", Text: "~1.AA", Access: "token" },
    { Type: "message", Text: "~1.AA", Stream: "~a", Access: "token" },
    { Type: "subscribe", Stream: "~a", Access: "token" },
    { Type: "presence", Stream: "~a", Person: undefined, Access: "token" },
  ];

  test("is read without its Ref and unknown members", () => {
    for (const frame of frames) {
      expect(read(JSON.stringify(frame))).toEqual(frame);
      expect(read(JSON.stringify({ ...frame, Ref: 1, Created: "7", more: [] }))).toEqual(frame);
    }
  });

  test("that subscribes may have a name and a status", () => {
    const frame = { Type: "subscribe", Stream: "foo", Name: " Ada ", Status: "away" };
    expect(read(JSON.stringify(frame))).toEqual({
      Type: "subscribe",
      Stream: "foo",
      Person: { Name: "Ada", Status: "away" },
    });
    expect(rejection(JSON.stringify({ ...frame, Name: "" }))?.code).toBe("bad_person");
  });

  test("that sets the presence has a name and a status, or neither", () => {
    const said: [object, ClientFrame][] = [
      [{}, { Type: "presence", Person: undefined }],
      [{ Stream: "foo" }, { Type: "presence", Stream: "foo", Person: undefined }],
      [{ Name: " Ada " }, { Type: "presence", Person: { Name: "Ada", Status: "online" } }],
      [
        { Stream: "foo", Name: "Ada", Status: "typing" },
        { Type: "presence", Stream: "foo", Person: { Name: "Ada", Status: "typing" } },
      ],
    ];
    for (const [members, frame] of said)
      expect(read(JSON.stringify({ Type: "presence", ...members, Ref: 1 }))).toEqual(frame);
    const rejections: [object, ProblemCode][] = [
      [{ Name: "" }, "bad_person"],
      [{ Name: "x".repeat(33) }, "bad_person"],
      [{ Name: "Ada", Status: "offline" }, "bad_parameter"],
      [{ Status: "away" }, "bad_parameter"],
      [{ Name: null }, "bad_request"],
      [{ Name: ["Ada"] }, "bad_request"],
      [{ Name: "Ada", Status: 1 }, "bad_request"],
      [{ Name: "Ada", Stream: 1 }, "bad_request"],
    ];
    for (const [members, code] of rejections)
      expect(rejection(JSON.stringify({ Type: "presence", ...members }))?.code).toBe(code);
  });

  test("is a JSON object", () => {
    for (const data of [
      "",
      "hello",
      "{",
      "[]",
      "null",
      "1",
      '"message"',
      "{} {}",
      "{'Type':'message'}",
      "\ufeff{}",
    ])
      expect(rejection(data)).toEqual({ code: "bad_json", detail: "A frame must be a JSON object" });
  });

  test("has one of five exact types", () => {
    for (const frame of [
      {},
      { Type: "Message", Text: "x" },
      { Type: 1 },
      { Type: null },
      { type: "message", Text: "x" },
    ])
      expect(rejection(JSON.stringify(frame))).toEqual({
        code: "bad_request",
        detail: "Type must be one of message, subscribe, unsubscribe, presence, ping",
      });
    for (const name of ["toString", "__proto__", "constructor"])
      expect(rejection(`{"Type":"${name}"}`)?.code).toBe("bad_request");
  });

  test("has members of the right types", () => {
    const wrong = [
      { Type: "message" },
      { Type: "message", Text: 1 },
      { Type: "message", Text: null },
      { Type: "message", Text: ["x"] },
      { Type: "message", Text: "x", Stream: 1 },
      { Type: "message", Text: "x", Stream: null },
      { Type: "subscribe" },
      { Type: "subscribe", Stream: {} },
      { Type: "subscribe", Stream: "foo", Last: 0 },
      { Type: "subscribe", Stream: "foo", Last: null },
      { Type: "unsubscribe" },
    ];
    for (const frame of wrong) expect(rejection(JSON.stringify(frame))?.code).toBe("bad_request");
  });

  test("may contain __proto__ as an ordinary member", () => {
    expect(rejection(`{"__proto__":{"Type":"message","Text":"x"}}`)?.code).toBe("bad_request");
  });

  test("is read or rejected, whatever it contains", () => {
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom("message", "subscribe", "unsubscribe", "foo"));
    const frame = fc.record(
      { Type: member, Stream: member, Text: member, Last: member, Ref: member },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(frame, fc.jsonValue()), (value) => {
        const data = JSON.stringify(value);
        if (rejection(data) === undefined) expect(value).toMatchObject(read(data));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a Ref", () => {
  test("is a number or a short string, and is read before the rest", () => {
    for (const Ref of [0, -1, 1.5, 2 ** 53, "", "x", "x".repeat(64), "\u{1f600}".repeat(32)]) {
      expect(refOf(decodeFrame(JSON.stringify({ Ref, Type: "nonsense" })))).toBe(Ref);
      expect(rejection(JSON.stringify({ Type: "message", Text: "x", Ref }))).toBeUndefined();
    }
  });

  test("of another type is rejected", () => {
    for (const Ref of ["x".repeat(65), null, true, {}, [], [1]]) {
      expect(refOf({ Ref })).toBeUndefined();
      expect(rejection(JSON.stringify({ Type: "message", Text: "x", Ref }))).toEqual({
        code: "bad_request",
        detail: "Ref must be a number or a string of at most 64 characters",
      });
    }
  });

  test("of 16 characters or more identifies a message", () => {
    for (const ref of ["x".repeat(16), "x".repeat(64), "\u{1f600}".repeat(8)])
      expect(uniqueRef(ref)).toBe(ref);
    for (const ref of [undefined, 1, 1234567890123456, "", "x".repeat(15)])
      expect(uniqueRef(ref)).toBeUndefined();
  });

  test("that JSON cannot represent is rejected", () => {
    // JSON.parse reads it as Infinity, which JSON.stringify writes as null.
    expect(rejection(`{"Type":"message","Text":"x","Ref":1e999}`)?.code).toBe("bad_request");
  });
});

test("all current close codes allow reconnecting", () => {
  for (const code of Object.values(CLOSE)) {
    expect(code).toBeGreaterThanOrEqual(4000);
    expect(code).toBeLessThan(4500);
  }
});

test("an ack has the ref of its frame, and the id and cursor of a message", () => {
  const message = { id: "5-x", created: 5, cursor: "5000-x" };
  for (const Ref of [undefined, 0, -1.5, 'quoted "\\ \n', "\u2028"]) {
    const ref = Ref === undefined ? {} : { Ref };
    expect(JSON.parse(ackJson(Ref))).toEqual({ Type: "ack", ...ref });
    expect(JSON.parse(ackJson(Ref, message))).toEqual({
      Type: "ack",
      ...ref,
      Id: "5-x",
      Created: "5000",
      Cursor: "5000-x",
    });
  }
});
