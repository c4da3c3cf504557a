import { versionOf, type ServerKind } from "../servers/server.ts";
import { launchPeer } from "./peer.ts";

/** From Debian's package redis-server. */
export const redis: ServerKind = {
  name: "redis-server",
  version: () => versionOf("redis-server", "--version"),
  start: () => launchPeer("redis.conf", (path) => ["redis-server", path]),
};
