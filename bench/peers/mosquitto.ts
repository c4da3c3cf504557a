import { versionOf, type ServerKind } from "../servers/server.ts";
import { launchPeer } from "./peer.ts";

/** From Debian's package mosquitto. */
export const mosquitto: ServerKind = {
  name: "mosquitto",
  version: () => versionOf("mosquitto", "-h"),
  start: () => launchPeer("mosquitto.conf", (path) => ["mosquitto", "-c", path]),
};
