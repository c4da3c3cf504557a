// The check of bench/attacks/overload finds lost messages: without it, the overload would prove nothing.
import { describe, expect, test } from "bun:test";
import { Ledger } from "../bench/attacks/overload/ledger.ts";
import { CheckedListener } from "../bench/attacks/overload/listener.ts";

const TEXT = `!${"0".repeat(12)}`;

/** The time of a message in nanoseconds. */
function created(number: number): string {
  return `1795369196566${String(number).padStart(3, "0")}000`;
}

function message(number: number): string {
  return `data:{"Id":"x","Text":"${TEXT}","Type":"message","Created":"${created(number)}","Stream":"s","Metadata":null}\n\n`;
}

const GAP = `data:{"Id":"x","Text":"gap","Type":"event","Created":"${created(999)}","Stream":"s","Metadata":null,"From":"0","To":"1"}\n\n`;

const WELCOME = GAP.replace('"gap"', '"welcome"');

/** What a listener lacks (negative) or has too much of the messages 0 to 9, for each range that it received without a gap. */
function differences(received: string, pieceLength: number): number[] {
  const ledger = new Ledger();
  for (let number = 9; number >= 0; number--) ledger.add(created(number));
  // A second time, as when a listener reports an acknowledged message.
  ledger.add(created(3));
  const listener = new CheckedListener(TEXT.length);
  const bytes = Buffer.from(received);
  for (let at = 0; at < bytes.length; at += pieceLength) listener.read(bytes.subarray(at, at + pieceLength));
  const behind = ledger.after(listener.position);
  return [...listener.segments().map((segment) => ledger.difference(segment)), -behind];
}

const numbers = Array.from({ length: 10 }, (_, number) => number);

/** A response with these messages, and a gap for each -1. */
function response(items: readonly number[]): string {
  return WELCOME + items.map((number) => (number < 0 ? GAP : message(number))).join("");
}

describe.each([100_000, 150, 7])("in pieces of %d bytes", (pieceLength) => {
  test("everything was received", () => {
    expect(differences(response(numbers), pieceLength)).toEqual([0, -0]);
  });

  test("a message was lost", () => {
    expect(differences(response(numbers.toSpliced(4, 1)), pieceLength)).toEqual([-1, -0]);
  });

  test("the last message was lost", () => {
    expect(differences(response(numbers.slice(0, -1)), pieceLength)).toEqual([0, -1]);
  });

  test("a message was received twice", () => {
    expect(differences(response(numbers.toSpliced(4, 0, 4)), pieceLength)).toEqual([1, -0]);
  });

  test("messages are missing at a gap", () => {
    expect(differences(response([0, 1, -1, 5, 6, 7, 8, 9]), pieceLength)).toEqual([0, 0, -0]);
  });

  test("a message was lost before and after a gap", () => {
    expect(differences(response([0, 2, -1, 5, 6, 8, 9]), pieceLength)).toEqual([-1, -1, -0]);
  });

  test("messages are missing at the beginning, after a gap", () => {
    expect(differences(response([-1, 5, 6, 7, 8, 9]), pieceLength)).toEqual([0, -0]);
  });
});
