import { STREAM_NAME, Template, text } from "./template.ts";
import type { Wire } from "./wire.ts";

/** Redis: SUBSCRIBE and PUBLISH in RESP2. */
export const resp: Wire = {
  subscribe: (stream) => Buffer.from(command("SUBSCRIBE", stream)),
  subscribed: Buffer.from("subscribe"),
  hello: undefined,
  publish: (textSize) => new Template(command("PUBLISH", STREAM_NAME, text(textSize))),
  // The answer is an integer: how many were given it.
  published: Buffer.from(":"),
};

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
