import { mqtt } from "./mqtt.ts";
import { nats } from "./nats.ts";
import { nchan } from "./nchan.ts";
import { resp } from "./resp.ts";
import { sse } from "./sse.ts";
import type { Template } from "./template.ts";
import { websocket } from "./websocket.ts";

/** How a kind of server is spoken to: what is sent, and by which bytes its answers are known. */
export interface Wire {
  /** What a listener sends to listen to a stream: to what comes from now on. */
  subscribe(stream: string): Buffer;
  /** What the server sends once the listener is there. */
  readonly subscribed: Buffer;
  /** What a publisher sends first, if anything, and what the server sends once it may publish. */
  readonly hello: { readonly bytes: Buffer; readonly answer: Buffer } | undefined;
  /** A request that publishes a text of so many characters. */
  publish(textSize: number): Template;
  /** Stands once in each answer to a publish; undefined: there are none. */
  readonly published: Buffer | undefined;
}

const WIRES = { sse, websocket, nchan, resp, nats, mqtt } as const satisfies Record<string, Wire>;

export type WireName = keyof typeof WIRES;

export function wire(name: WireName): Wire {
  return WIRES[name];
}
