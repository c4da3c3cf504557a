import type { Protocol } from "./protocol.ts";
import { STREAM_NAME, Template, text } from "./template.ts";

// Sent without waiting for the server's INFO, which needs no reply.
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
const PONG = Buffer.from("PONG\r\n");

/** Core NATS, which acknowledges nothing. */
export const nats: Protocol = {
  subscribe: (stream) => Buffer.from(`${CONNECT}SUB ${stream} 1\r\nPING\r\n`),
  subscribed: PONG,
  handshake: { request: Buffer.from(`${CONNECT}PING\r\n`), reply: PONG },
  publish: (textSize) => new Template(`PUB ${STREAM_NAME} ${textSize}\r\n${text(textSize)}\r\n`),
  published: undefined,
};
