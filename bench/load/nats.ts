import { STREAM_NAME, Template, text } from "./template.ts";
import type { Wire } from "./wire.ts";

// The server's INFO is not waited for: it can only be followed by this.
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
const PONG = Buffer.from("PONG\r\n");

/** Core NATS, which acknowledges nothing. */
export const nats: Wire = {
  subscribe: (stream) => Buffer.from(`${CONNECT}SUB ${stream} 1\r\nPING\r\n`),
  subscribed: PONG,
  hello: { bytes: Buffer.from(`${CONNECT}PING\r\n`), answer: PONG },
  publish: (textSize) => new Template(`PUB ${STREAM_NAME} ${textSize}\r\n${text(textSize)}\r\n`),
  published: undefined,
};
