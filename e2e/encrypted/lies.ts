// What a hostile server does with the messages of a stream.
import type { WireMessage } from "../../src/protocol/message.ts";
import type { Item } from "./tampering-proxy.ts";

/** Changes the message `at`, counted from 0. */
export function changing(at: number, change: (message: WireMessage) => object[]): (item: Item) => object[] {
  let n = 0;
  return (item) => (item.Type === "message" && n++ === at ? change(item) : [item]);
}

/**
 * Delivers other texts in place of each message, as if they were just published. `n` counts the messages from 0; `earlier` has the texts
 * of those before.
 */
export function texts(
  change: (text: string, n: number, earlier: readonly string[]) => readonly string[],
): (item: Item) => object[] {
  const earlier: string[] = [];
  return (item) => {
    if (item.Type !== "message") return [item];
    const given = change(item.Text, earlier.length, earlier);
    earlier.push(item.Text);
    // Real messages are at least 1000 ns apart.
    return given.map((Text, i) => ({
      ...item,
      Text,
      Id: `${item.Id}${i || ""}`,
      Created: String(BigInt(item.Created) + BigInt(i)),
    }));
  };
}

/** Delivers another text in place of the message `at`, counted from 0. */
export function insteadOf(at: number, change: (text: string) => string): (item: Item) => object[] {
  return texts((text, n) => [n === at ? change(text) : text]);
}

/** Delivers the message `at` after the next one. */
export function late(at: number): (item: Item) => object[] {
  let held: string[] = [];
  return texts((text, n) => {
    if (n === at) held = [text];
    return n === at ? [] : [text, ...held.splice(0)];
  });
}

/** Withholds the messages for which `isWithheld` holds. */
export function without(isWithheld: (n: number) => boolean): (item: Item) => object[] {
  return texts((text, n) => (isWithheld(n) ? [] : [text]));
}

/** Flips a bit of the byte `at` of an envelope; from its end if negative. */
export function flipped(at: number, bit = 1): (envelope: string) => string {
  return (envelope) => {
    const bytes = Buffer.from(envelope.slice(3), "base64url");
    const i = at < 0 ? bytes.length + at : at;
    bytes.writeUInt8(bytes.readUInt8(i) ^ bit, i);
    return `~1.${bytes.toString("base64url")}`;
  };
}

/** The event of a gap that the server made up. */
export function gap(stream: string, from: string, to: string): object {
  return {
    Type: "event",
    Text: "gap",
    Stream: stream,
    From: from,
    To: to,
    Id: "e",
    Created: to,
    Metadata: null,
  };
}
