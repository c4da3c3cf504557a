import { join } from "node:path";
import { version } from "../../package.json" with { type: "json" };
import { launchAnnounced, type ServerKind } from "./server.ts";

const main = join(import.meta.dir, "..", "..", "src", "main.ts");

/** @param executable what `npm run build` made; without: the source, run by this Bun */
export function malten(executable?: string): ServerKind {
  const program = executable === undefined ? [process.execPath, main] : [executable];
  return {
    name: "Malten",
    version: () => `${version}${executable === undefined ? `, Bun ${Bun.version}` : ", executable"}`,
    start: (options = []) =>
      launchAnnounced([...program, "--host", "127.0.0.1", "--port", "0", "--rate-limit", "0", ...options]),
  };
}
