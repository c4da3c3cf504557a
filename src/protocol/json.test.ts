import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { hasDuplicateNames } from "./json.ts";

const check = (json: string): boolean => hasDuplicateNames(json, JSON.parse(json) as Record<string, unknown>);

describe("a name that appears twice is found", () => {
  for (const json of [
    '{"a":1,"a":1}',
    '{"a":"x","b":2,"a":"y"}',
    '{"a":null,"a":"x"}',
    '{"a":"\\"","a":"x"}',
    '{"a":"x\\\\","a":"\\\\"}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[1],"b":"x","b":"y"}',
    '{"a long name":{"":1,"":2}}',
    '{"a long name":1,"":1,"":1}',
  ])
    test(json, () => expect(check(json)).toBe(true));
});

describe("no name appears twice in", () => {
  for (const json of [
    "{}",
    '{"a":"b","b":"a"}',
    '{"a":"\\"a\\":1,\\"a\\":2"}',
    '{"a":"\\\\\\"","b":"\\\\"}',
    '{"a":{"a":{"a":"a"}},"b":["a","a"]}',
    '{"a":[{"b":1},{"b":2}]}',
    '{ "a" : "\\u0022" , "b" : true }',
  ])
    test(json, () => expect(check(json)).toBe(false));

  test("any object that was written by JSON.stringify", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (value) => {
        expect(check(JSON.stringify(value))).toBe(false);
      }),
    );
  });
});

test("any repeated member is found", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (value, index) => {
      const names = Object.keys(value);
      const name = JSON.stringify(names[index % names.length]);
      expect(check(`{${name}:"again",${JSON.stringify(value).slice(1)}`)).toBe(true);
    }),
  );
});
