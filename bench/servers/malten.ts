import { existsSync } from "node:fs";
import { join } from "node:path";
import { launchAndReadPort, versionOf, type ServerKind } from "./server.ts";

const OPTIONS = ["--host", "127.0.0.1", "--port", "0", "--rate-limit", "0"];

/** Malten from the source of a checkout, run by the Bun in that checkout's node_modules. */
export function maltenSource(name: string, checkout: string): ServerKind {
  const bun = join(checkout, "node_modules", ".bin", "bun");
  const main = join(checkout, "src", "main.ts");
  return {
    name,
    version: () =>
      existsSync(main)
        ? `commit ${commitOf(checkout)}, Bun ${versionOf(bun, "--version") ?? "unknown"}`
        : undefined,
    start: (options = []) => launchAndReadPort([bun, main, ...OPTIONS, ...options]),
  };
}

/** Malten as built by `npm run build`. */
export function maltenExecutable(name: string, path: string): ServerKind {
  return {
    name,
    version: () => `${versionOf(path, "--version") ?? "unknown"}, executable`,
    start: (options = []) => launchAndReadPort([path, ...OPTIONS, ...options]),
  };
}

function commitOf(checkout: string): string {
  const { stdout, exitCode } = Bun.spawnSync(["git", "-C", checkout, "describe", "--always", "--dirty"]);
  return exitCode === 0 ? stdout.toString().trim() : "unknown";
}
