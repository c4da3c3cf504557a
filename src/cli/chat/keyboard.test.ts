import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Keyboard, NEW_LINE } from "./keyboard.ts";

/** Presses keys, one chunk after the other. Returns the draft, with `|` for the cursor, and what happened. */
async function press(...chunks: string[]): Promise<[draft: string, ...happened: string[]]> {
  const happened: string[] = [];
  const keyboard = new Keyboard({
    typed() {},
    entered: (text) => happened.push(`entered ${text}`),
    ended: () => happened.push("ended"),
    interrupted: () => happened.push("interrupted"),
    suspended: () => happened.push("suspended"),
    refused: (length) => happened.push(`refused ${length}`),
  });
  for (const chunk of chunks) keyboard.feed(Buffer.from(chunk, "latin1"));
  // Keys are read in later turns of the event loop.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const { text, cursor } = keyboard.draft;
  keyboard[Symbol.dispose]();
  return [`${text.slice(0, cursor)}|${text.slice(cursor)}`.replaceAll(NEW_LINE, "\n"), ...happened];
}

/** UTF-8, as bytes. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

const LEFT = "\u001b[D";
const BACKSPACE = "\u007f";
const DELETE = "\u001b[3~";

test("edits as a shell does, by graphemes", async () => {
  expect(await press("hello world\u0017\u0001x")).toEqual(["x|hello "]);
  expect(await press(bytes("a👨‍👩‍👧🇨🇭"), LEFT, LEFT)).toEqual(["a|👨‍👩‍👧🇨🇭"]);
  expect(await press(bytes("a👨‍👩‍👧🇨🇭"), BACKSPACE, BACKSPACE)).toEqual(["a|"]);
  expect(await press(bytes("👍🏽é"), "\u0001", DELETE)).toEqual(["|é"]);
  expect(await press(bytes("👍🏽é"), "\u0001", "\u001b[C")).toEqual(["👍🏽|é"]);
});

test("Enter enters, Alt+Enter does not, Ctrl-C and Ctrl-D are told", async () => {
  expect(await press("one\r", "two\u001b\rthree\r", "\u0004")).toEqual([
    "|",
    "entered one",
    "entered two\nthree",
    "ended",
  ]);
  expect(await press("half\u0004\u0003\u001a")).toEqual(["half|", "interrupted", "suspended"]);
});

test("what is pasted is text", async () => {
  expect(await press("a\u001b[200~1\r\n2\r3\n\u0003\u001b[D\u0004\u001b[201~b\r")).toEqual([
    "|",
    "entered a1\n2\n3\n␃␛[D␄b",
  ]);
  expect(await press(`\u001b[200~${"x".repeat(70_000)}\u001b[201~y`)).toEqual(["y|", "refused 70000"]);
});

test("property: it does not matter how keys and pasted text are cut into chunks", async () => {
  const typed = bytes("né\u001b[200~wörld\n👍🏽\u001b[201~!\u001b\r你");
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(typed.length), { maxLength: 5 }), async (cuts) => {
      // A key that sends several characters sends them at once.
      const places = cuts.toSorted((one, other) => one - other).filter((at) => typed[at - 1] !== "\u001b");
      const chunks = [0, ...places].map((from, i) => typed.slice(from, places[i] ?? typed.length));
      expect(await press(...chunks)).toEqual(["néwörld\n👍🏽!\n你|"]);
    }),
  );
});
