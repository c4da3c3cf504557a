import { versionOf, type ServerKind } from "../servers/server.ts";
import { launchPeer } from "./peer.ts";

/** From Debian's package nats-server. */
export const natsServer: ServerKind = {
  name: "nats-server",
  version: () => versionOf("nats-server", "--version"),
  start: () => launchPeer("nats.conf", (path) => ["nats-server", "-c", path]),
};
