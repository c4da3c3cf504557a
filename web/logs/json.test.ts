import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatJson, parseJsonObject, type Json } from "./json.ts";

function members(text: string): [string, string][] | undefined {
  return parseJsonObject(text)?.members.map(({ name, value }) => [name, formatJson(value)]);
}

test("keeps what JSON.parse changes: the order of members, members of the same name, and digits", () => {
  expect(members('{"b":1,"2":2,"1":3,"b":4}')).toEqual([
    ["b", "1"],
    ["2", "2"],
    ["1", "3"],
    ["b", "4"],
  ]);
  expect(members('{"id":12345678901234567890,"x":1e999,"y":-0.10}')).toEqual([
    ["id", "12345678901234567890"],
    ["x", "1e999"],
    ["y", "-0.10"],
  ]);
});

test("__proto__ and its like are names as others are", () => {
  expect(members('{"__proto__":{"polluted":1},"constructor":null}')).toEqual([
    ["__proto__", '{"polluted":1}'],
    ["constructor", "null"],
  ]);
  expect("polluted" in {}).toBe(false);
});

test("reads escapes, and objects of several lines", () => {
  expect(members('{"a":"\\u001b[31m\\n\\"x\\""}')).toEqual([["a", '"\\u001b[31m\\n\\"x\\""']]);
  expect(members(' {\n  "a": [1, {"b": true}],\n  "c": {}\n}\n')).toEqual([
    ["a", '[1,{"b":true}]'],
    ["c", "{}"],
  ]);
});

test("refuses what is not one object", () => {
  for (const text of [
    "",
    "[1]",
    "1",
    '"a"',
    "{",
    "{}}",
    '{"a"}',
    "{a:1}",
    "{'a':1}",
    '{"a":01}',
    '{"a":1,}',
    '{"a":.5}',
    '{"a":"\n"}',
    "{}{}",
    '{"a":tru}',
    "{{",
  ])
    expect([text, parseJsonObject(text)]).toEqual([text, undefined]);
});

test("depth does nothing: beyond a limit, it is text", () => {
  for (const depth of [40, 1000, 100_000]) {
    expect(parseJsonObject(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`)).toBeUndefined();
    expect(parseJsonObject(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toBeUndefined();
  }
});

test("long strings without an end, and long numbers, are read once", () => {
  const long = 200_000;
  expect(parseJsonObject(`{"a":"${"\\\\".repeat(long)}}`)).toBeUndefined();
  expect(parseJsonObject(`{"a":${"1".repeat(long)}x}`)).toBeUndefined();
  expect(parseJsonObject(`{${" ".repeat(long)}}`)?.members).toEqual([]);
});

/** The value that JSON.parse would give. */
function plain(value: Json): unknown {
  return JSON.parse(formatJson(value));
}

test("property: means the same as JSON.parse", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })),
      fc.constantFrom(0, 2),
      (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const read = parseJsonObject(text);
        expect(read).toBeDefined();
        if (read !== undefined) expect(plain(read)).toEqual(JSON.parse(text));
      },
    ),
  );
});

test("property: accepts what JSON.parse accepts, and nothing else", () => {
  const unit = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "1",
    "-",
    ".",
    "e",
    "0",
    " ",
    "\\",
    "n",
    "true",
    "null",
    "a",
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (inside) => {
      const text = `{"a":${inside}}`;
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      expect([text, parseJsonObject(text) !== undefined]).toEqual([text, valid]);
    }),
    { numRuns: 1000 },
  );
});
