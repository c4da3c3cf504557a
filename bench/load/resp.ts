import type { Protocol } from "./protocol.ts";
import { STREAM_NAME, Template, text } from "./template.ts";

/** Redis SUBSCRIBE and PUBLISH over RESP2. */
export const resp: Protocol = {
  subscribe: (stream) => Buffer.from(command("SUBSCRIBE", stream)),
  subscribed: Buffer.from("subscribe"),
  handshake: undefined,
  publish: (textSize) => new Template(command("PUBLISH", STREAM_NAME, text(textSize))),
  // The reply is an integer: the number of subscribers that received the message.
  published: Buffer.from(":"),
};

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
