import type { Protocol } from "./protocol.ts";
import { MARK, STREAM_NAME, Template, text } from "./template.ts";

const TEXT_FRAME = 0x81;
const MASKED = 0x80;

/** The masking key of the examples in RFC 6455 §5.7. */
const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;

/** Malten over WebSocket, for listening and publishing. */
export const websocket: Protocol = {
  subscribe: (stream) => upgrade(`?stream=${stream}`),
  subscribed: Buffer.from("\r\n\r\n"),
  // The publisher is subscribed to a stream without messages.
  handshake: { request: upgrade("?stream=quiet"), reply: Buffer.from("\r\n\r\n") },
  publish: (textSize) =>
    frame(JSON.stringify({ Type: "message", Stream: STREAM_NAME, Text: text(textSize), Ref: MARK })),
  published: Buffer.from('"Type":"ack"'),
};

/** @param query of the URL, which begins with a question mark */
export function upgrade(query: string, headers = ""): Buffer {
  return Buffer.from(
    `GET /events${query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      `${headers}\r\n`,
  );
}

/** A masked text frame (RFC 6455 §5.2). */
function frame(payload: string): Template {
  const { length } = payload;
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff];
  size[0] = (size[0] ?? 0) | MASKED;
  const header = Buffer.from([TEXT_FRAME, ...size, ...MASK]);
  return new Template(Buffer.concat([header, Buffer.from(payload)]), (bytes) =>
    bytes.map((_, at) => (at < header.length ? 0 : (MASK[(at - header.length) & 3] ?? 0))),
  );
}
