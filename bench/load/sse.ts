import type { Protocol } from "./protocol.ts";
import { STREAM_NAME, Template, text } from "./template.ts";

/** Malten over HTTP: server-sent events and `POST /messages`. */
export const sse: Protocol = {
  subscribe: (stream) => listen(stream),
  subscribed: Buffer.from("\r\n\r\n"),
  handshake: undefined,
  publish: (textSize) => publishTemplate(textSize),
  published: Buffer.from("HTTP/1.1 20"),
};

/** Subscribes to a stream, live or from the cursor `last`. */
export function listen(stream: string, last?: string): Buffer {
  const cursor = last === undefined ? "" : `&last=${last}`;
  return Buffer.from(
    `GET /events?stream=${stream}${cursor} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
  );
}

/** Publishes a text of `textSize` characters. */
export function publishTemplate(textSize: number, headers = ""): Template {
  return new Template(
    `POST /messages?stream=${STREAM_NAME}&text=${text(textSize)} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: 0\r\n\r\n`,
  );
}

/** Reads the newest 25 messages. */
export const history = new Template(
  `GET /messages?stream=${STREAM_NAME}&limit=25 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
);
