import type { Bench } from "../bench.ts";
import type { ProtocolName } from "../load/protocol.ts";
import { mosquitto } from "../peers/mosquitto.ts";
import { natsServer } from "../peers/nats.ts";
import { nchanNginx } from "../peers/nchan.ts";
import { redis } from "../peers/redis.ts";
import { ceiling } from "../servers/ceiling.ts";
import type { ServerKind } from "../servers/server.ts";

/** A server measured over one protocol. */
export interface Contender {
  readonly label: string;
  readonly kind: ServerKind;
  readonly protocol: ProtocolName;
}

/** Malten over SSE and WebSocket; a baseline takes turns with it. */
export function maltenContenders(bench: Bench): Contender[] {
  return [
    ...bench.maltens.map((kind) => ({ label: `${kind.name} SSE`, kind, protocol: "sse" }) as const),
    ...bench.maltens.map(
      (kind) => ({ label: `${kind.name} WebSocket`, kind, protocol: "websocket" }) as const,
    ),
  ];
}

export const ceilingContender: Contender = { label: ceiling.name, kind: ceiling, protocol: "sse" };

/** Other message brokers. */
export function peerContenders(bench: Bench): Contender[] {
  if (!bench.includesPeers) return [];
  return [
    { label: "Redis pub/sub", kind: redis, protocol: "resp" },
    { label: "nats-server", kind: natsServer, protocol: "nats" },
    { label: "nchan SSE", kind: nchanNginx, protocol: "nchan" },
    { label: "mosquitto", kind: mosquitto, protocol: "mqtt" },
  ];
}
