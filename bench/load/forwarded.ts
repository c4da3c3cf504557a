import type { Protocol } from "./protocol.ts";
import { publishTemplate, sse } from "./sse.ts";
import { CLIENT_ADDRESS, clientAddress } from "./template.ts";
import { upgrade, websocket } from "./websocket.ts";

/** Malten over HTTP behind a proxy: every request is from another client. */
export const forwardedSse: Protocol = {
  ...sse,
  publish: (textSize) => publishTemplate(textSize, `X-Forwarded-For: ${CLIENT_ADDRESS}\r\n`),
};

let sockets = 0;

/** Malten over WebSocket behind a proxy: every connection is from another client. */
export const forwardedWebsocket: Protocol = {
  ...websocket,
  get handshake() {
    const headers = `X-Forwarded-For: ${clientAddress(sockets++)}\r\n`;
    return { request: upgrade("?stream=quiet", headers), reply: Buffer.from("\r\n\r\n") };
  },
};
