// Cases of web-platform-tests (eventsource/format-*) and of LaunchDarkly's sse-contract-tests (ssetests/tests_*.go): rewritten, without those of
// names and ids, which the SDK does not read.
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseEventStream } from "./event-stream.ts";

/** Reads bytes that arrive in these pieces. */
function read(...pieces: (string | Uint8Array)[]): { events: string[]; retries: number[] } {
  const events: string[] = [];
  const retries: number[] = [];
  const parse = parseEventStream(
    (data) => events.push(data),
    (retry) => retries.push(retry),
  );
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
    parse(decoder.decode(bytes, { stream: true }));
  }
  return { events, retries };
}

function datas(...pieces: (string | Uint8Array)[]): string[] {
  return read(...pieces).events;
}

/** The bytes of a text in pieces of this size. */
function inPieces(text: string, size: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

const BOM = "\ufeff";
const LONG = "x".repeat(4096);

// Checked against the files of web-platform-tests; its server ends each stream with three line feeds, or one for `newline=none`.
describe("web-platform-tests", () => {
  const cases: Record<string, [stream: string, data: string[]]> = {
    "format-bom": [`${BOM}data:1\n\n${BOM}data:2\n\ndata:3\n\n\n`, ["1", "3"]],
    "format-bom-2": [`${BOM}${BOM}data:1\n\ndata:2\n\ndata:3\n\n\n`, ["2", "3"]],
    "format-comments": [
      `data:1\r:\0\n:\r\ndata:2\n:${LONG}\rdata:3\n:data:fail\r:${LONG}\ndata:4\n\n`,
      ["1\n2\n3\n4"],
    ],
    "format-data-before-final-empty-line": ["retry:1000\ndata:test1\n\nid:test\ndata:test2\n", ["test1"]],
    "format-field-data": ["data:\n\ndata\ndata\n\ndata:test\n\n\n", ["", "\n", "test"]],
    "format-field-event-empty": ["event: \ndata:data\n\n\n", ["data"]],
    "format-field-parsing": [
      "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
      ["\0\n 2\n1\n3\n\n4"],
    ],
    "format-field-unknown": [
      "data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n\n",
      ["test\n\ntest"],
    ],
    "format-leading-space": ["data:\ttest\rdata: \ndata:test\n\n\n", ["\ttest\n\ntest"]],
    "format-newlines": ["data:test\r\ndata\ndata:test\r\n\r\n", ["test\n\ntest"]],
    "format-null-character": ["data:\0\n\n\n\n\n", ["\0"]],
    "format-utf-8": ["data:ok…\n\n\n", ["ok…"]],
  };
  for (const [name, [stream, expected]] of Object.entries(cases)) {
    test(name, () => {
      for (const size of [1, 2, 3, stream.length * 3])
        expect(datas(...inPieces(stream, size))).toEqual(expected);
    });
  }

  test("format-field-retry, -bogus and -empty", () => {
    expect(read("retry:03000\ndata:x\n\n\n").retries).toEqual([3000]);
    expect(read("retry:3000\nretry:1000x\ndata:x\n\n\n").retries).toEqual([3000]);
    expect(read("retry\ndata:test\n\n\n")).toEqual({ events: ["test"], retries: [] });
    expect(read("retry\nretry:\nretry:-1\nretry:1.5\nretry: 7\n\n").retries).toEqual([7]);
  });
});

describe("sse-contract-tests", () => {
  test("parsing", () => {
    expect(datas("data: Hel", "lo\n\n")).toEqual(["Hello"]);
    expect(datas("data: Hello\n\ndata: World\n\n")).toEqual(["Hello", "World"]);
    expect(datas("data: Hello\ndata:World\n\n")).toEqual(["Hello\nWorld"]);
    expect(datas("color: blue\nid:abc\ndata:Hello\n\n")).toEqual(["Hello"]);
    expect(datas("data:  Hello\n\n")).toEqual([" Hello"]);
    expect(datas(...inPieces("data: €豆腐\n\n", 1))).toEqual(["€豆腐"]);
    const many = Array.from({ length: 100 }, (_, i) => `message ${i}`);
    expect(datas(many.map((data) => `data: ${data}\n\n`).join(""))).toEqual(many);
  });

  test("byte order mark", () => {
    expect(datas(...inPieces(`${BOM}data: ${BOM}Hello\n\n`, 1))).toEqual([`${BOM}Hello`]);
    expect(datas(`${BOM}:comment\ndata: First\n\n`, `data: ${BOM}Second\n\n`)).toEqual([
      "First",
      `${BOM}Second`,
    ]);
    expect(datas(`${BOM}data:\n\n`)).toEqual([""]);
  });

  test("comments", () => {
    expect(datas(":Hello\n", ":World\n", "data: Hello\n\n", ":Hello\n")).toEqual(["Hello"]);
  });

  for (const [name, end] of Object.entries({ LF: "\n", "CR LF": "\r\n", CR: "\r" })) {
    test(`line feeds: ${name}`, () => {
      const cases: [lines: string[], data: string[]][] = [
        [["data: event 1", ""], ["event 1"]],
        [
          ["data: 1", "", "data: 2 a", "data: 2 b", ""],
          ["1", "2 a\n2 b"],
        ],
        [["data:", "data: line2", "data: line3", ""], ["\nline2\nline3"]],
        [["data: line1", "data:", "data: line3", ""], ["line1\n\nline3"]],
        [
          ["data: 1", "", "", "data: 2", "", "", ""],
          ["1", "2"],
        ],
      ];
      for (const [lines, expected] of cases) {
        // A CR at the very end may be half of a CR LF: the comment ends it.
        const stream = `${lines.map((line) => line + end).join("")}:`;
        for (const size of [1, 2, 1000]) expect(datas(...inPieces(stream, size))).toEqual(expected);
      }
    });
  }

  test("line feeds: a CR LF split across chunks", () => {
    const pieces = ["data: Hello\r", "\ndata: World\r", "\n\r\ndata: OK\r", "\n", "\r", "\n"];
    expect(datas(...pieces)).toEqual(["Hello\nWorld", "OK"]);
  });
});

test("the result does not depend on the chunks of the input", () => {
  const part = fc.constantFrom(
    "data",
    "id",
    "event",
    "retry",
    ":",
    " ",
    "\n",
    "\r",
    "\r\n",
    "a",
    "€",
    "7",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 8 }), (parts, cuts) => {
      const bytes = new TextEncoder().encode(parts.join(""));
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
        bytes.length,
      ];
      const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      expect(read(...pieces)).toEqual(read(bytes));
    }),
    { numRuns: 1000 },
  );
});
