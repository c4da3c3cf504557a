import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyName, anyText } from "../../test-support/messages.ts";
import { checkMessage } from "../protocol/checked-message.ts";
import { MAX_TEXT } from "../protocol/limits.ts";
import { contentOf } from "./content.ts";
import { messageOf, type Message } from "./message.ts";

function made(text: string, name?: string): Message {
  return messageOf("foo", "7-x", 7, "x", contentOf(checkMessage("foo", text, name)));
}

describe("the content of a message", () => {
  test("is its escaped text if it has no name", () => {
    expect(contentOf(checkMessage("foo", 'say "a"'))).toBe('say \\"a\\"');
    const message = made("hello");
    expect(message.name).toBeUndefined();
    expect(message.json).toBe(
      '{"Id":"7-x","Text":"hello","Type":"message","Created":"7000","Stream":"foo","Metadata":null}',
    );
  });

  test("has any text and any name", () => {
    fc.assert(
      fc.property(anyText, fc.option(anyName, { nil: undefined }), (text, name) => {
        const message = made(text, name);
        expect([message.text, message.name]).toEqual([text, name]);
        expect(message.length).toBe(JSON.stringify(text).length - 2);
        expect(JSON.parse(message.json)).toEqual({
          Id: "7-x",
          Text: text,
          Type: "message",
          Created: "7000",
          Stream: "foo",
          Metadata: null,
          ...(name !== undefined && { Name: name }),
        });
        expect(Object.keys(JSON.parse(message.json) as object).at(-1)).toBe(
          name === undefined ? "Metadata" : "Name",
        );
      }),
      { numRuns: 500 },
    );
  });

  test("has the longest text and the longest name, 4,226 bytes", () => {
    const [text, name] = ["\u{1f600}".repeat(MAX_TEXT), "\u{1f600}".repeat(32)];
    expect(made(text, name)).toMatchObject({ text, name });
    expect(Buffer.byteLength(contentOf(checkMessage("foo", text, name)))).toBe(4226);
  });
});
