import { join } from "node:path";
import { launchAnnounced, type ServerKind } from "./server.ts";

const program = join(import.meta.dir, "..", "bare.ts");

/** See bench/bare.ts. */
export const bare: ServerKind = {
  name: "bare Bun.serve",
  version: () => Bun.version,
  start: () => launchAnnounced([process.execPath, program]),
};
