import type { Protocol } from "./protocol.ts";
import { STREAM_NAME, Template, text } from "./template.ts";

/** The nginx module nchan over HTTP, with the paths of peers/nginx.conf. */
export const nchan: Protocol = {
  subscribe: (stream) =>
    Buffer.from(`GET /sub?id=${stream} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`),
  subscribed: Buffer.from("\r\n\r\n"),
  handshake: undefined,
  publish: (textSize) =>
    new Template(
      `POST /pub?id=${STREAM_NAME} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${textSize}\r\n\r\n${text(textSize)}`,
    ),
  published: Buffer.from("HTTP/1.1 20"),
};
