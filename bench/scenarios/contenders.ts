import type { WireName } from "../load/wire.ts";
import { mosquitto } from "../peers/mosquitto.ts";
import { natsServer } from "../peers/nats.ts";
import { nchanNginx } from "../peers/nchan.ts";
import { redis } from "../peers/redis.ts";
import type { Scale } from "../results.ts";
import { ceiling } from "../servers/ceiling.ts";
import type { ServerKind } from "../servers/server.ts";

/** A server, and one of the ways to listen to it. */
export interface Contender {
  readonly label: string;
  readonly kind: ServerKind;
  readonly wire: WireName;
}

/** Malten, and what it is held against at its own wire. */
export function ours(malten: ServerKind): Contender[] {
  return [
    { label: "Malten SSE", kind: malten, wire: "sse" },
    { label: "Malten WebSocket", kind: malten, wire: "websocket" },
    { label: ceiling.name, kind: ceiling, wire: "sse" },
  ];
}

/** Other servers that pass on messages. */
export function peers(scale: Scale): Contender[] {
  if (scale === "smoke") return [];
  return [
    { label: "Redis pub/sub", kind: redis, wire: "resp" },
    { label: "nats-server", kind: natsServer, wire: "nats" },
    { label: "nchan SSE", kind: nchanNginx, wire: "nchan" },
    { label: "mosquitto", kind: mosquitto, wire: "mqtt" },
  ];
}
