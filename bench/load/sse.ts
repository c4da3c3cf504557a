import { STREAM_NAME, Template, text } from "./template.ts";
import type { Wire } from "./wire.ts";

/** Malten over HTTP: server-sent events, and `POST /messages`. */
export const sse: Wire = {
  subscribe: (stream) => listen(stream),
  subscribed: Buffer.from("\r\n\r\n"),
  hello: undefined,
  publish: (textSize) =>
    new Template(
      `POST /messages?stream=${STREAM_NAME}&text=${text(textSize)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`,
    ),
  published: Buffer.from("HTTP/1.1 20"),
};

/** Listens to a stream from after the cursor `last`, or from now on. */
export function listen(stream: string, last?: string): Buffer {
  const cursor = last === undefined ? "" : `&last=${last}`;
  return Buffer.from(
    `GET /events?stream=${stream}${cursor} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
  );
}

/** Reads the newest 25 messages. */
export const history = new Template(
  `GET /messages?stream=${STREAM_NAME}&limit=25 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
);
