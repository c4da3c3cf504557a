import { listen, sse } from "./sse.ts";
import type { Protocol } from "./protocol.ts";
import { CLIENT_ADDRESS, clientAddress, STREAM_NAME, Template, text } from "./template.ts";
import { upgrade, websocket } from "./websocket.ts";

/** Malten over HTTP as a proxy speaks it: every request comes from another one of its clients. */
export const forwardedSse: Protocol = {
  ...sse,
  subscribe: (stream) => listen(stream),
  publish: (textSize) =>
    new Template(
      `POST /messages?stream=${STREAM_NAME}&text=${text(textSize)} HTTP/1.1\r\nHost: localhost\r\n` +
        `X-Forwarded-For: ${CLIENT_ADDRESS}\r\nContent-Length: 0\r\n\r\n`,
    ),
};

let sockets = 0;

/** Malten over WebSocket behind a proxy: every connection is of another client. */
export const forwardedWebsocket: Protocol = {
  ...websocket,
  get handshake() {
    const headers = `X-Forwarded-For: ${clientAddress(sockets++)}\r\n`;
    return { request: upgrade("quiet", headers), reply: Buffer.from("\r\n\r\n") };
  },
};
