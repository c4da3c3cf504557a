import { join } from "node:path";
import { launchAndReadPort, type ServerKind } from "./server.ts";

const program = join(import.meta.dir, "..", "bare.ts");

/** See ../bare.ts. */
export const bare: ServerKind = {
  name: "bare Bun.serve",
  version: () => Bun.version,
  start: () => launchAndReadPort([process.execPath, program]),
};
