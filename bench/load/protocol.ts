import { forwardedSse, forwardedWebsocket } from "./forwarded.ts";
import { mqtt } from "./mqtt.ts";
import { nats } from "./nats.ts";
import { nchan } from "./nchan.ts";
import { resp } from "./resp.ts";
import { sse } from "./sse.ts";
import type { Template } from "./template.ts";
import { websocket } from "./websocket.ts";

/** How the load talks to a server: the requests to send, and the bytes that identify each reply. */
export interface Protocol {
  /** The request that subscribes to new messages of a stream. */
  subscribe(stream: string): Buffer;
  /** Ends the reply to `subscribe`. */
  readonly subscribed: Buffer;
  /** Opens a publisher's connection; undefined if the protocol needs no handshake. */
  readonly handshake: { readonly request: Buffer; readonly reply: Buffer } | undefined;
  /** The request that publishes a text of `textSize` characters. */
  publish(textSize: number): Template;
  /** Occurs once in each reply to a publish; undefined where publishes are not acknowledged. */
  readonly published: Buffer | undefined;
}

const PROTOCOLS = {
  sse,
  websocket,
  "sse-forwarded": forwardedSse,
  "websocket-forwarded": forwardedWebsocket,
  nchan,
  resp,
  nats,
  mqtt,
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof PROTOCOLS;

export function protocolOf(name: ProtocolName): Protocol {
  return PROTOCOLS[name];
}
