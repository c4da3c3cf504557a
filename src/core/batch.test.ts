import { expect, test } from "bun:test";
import { checkText } from "../protocol/text.ts";
import { Batch } from "./batch.ts";
import { Message } from "./message.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const event = { json: `{"Type":"event"}`, created: 0, cursor: undefined, text: "" };
const [one, two] = ["\ufeffone", 'two\n"2"'].map(
  (text, i) => new Message("foo", `${i}-x`, i + 7, "x", checkText(text).escaped),
);
if (one === undefined || two === undefined) throw new Error("two messages");

test("counts its messages; events do not count", () => {
  expect(new Batch([event, one, event, two]).messages).toBe(2);
  expect(new Batch([event]).messages).toBe(0);
});

test("is encoded in each format", () => {
  const batch = new Batch([one, event, two]);
  expect(decoder.decode(batch.bytes("sse"))).toBe(
    `id:7000-x\ndata:${one.json}\n\ndata:${event.json}\n\nid:8000-x\ndata:${two.json}\n\n`,
  );
  expect(decoder.decode(batch.bytes("ndjson"))).toBe(`${one.json}\n${event.json}\n${two.json}\n`);
  expect(decoder.decode(batch.bytes("text"))).toBe(`\ufeffone\ntwo\n"2"\n`);
});

test("is encoded once for all readers of a format", () => {
  const batch = new Batch([one]);
  expect(batch.bytes("sse")).toBe(batch.bytes("sse"));
  expect(batch.bytes("sse")).not.toBe(batch.bytes("ndjson"));
});
