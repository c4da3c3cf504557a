import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launchOnPort, versionOf, type ServerKind } from "./server.ts";

const source = join(import.meta.dir, "..", "ceiling.c");

/** See ../ceiling.c. Needs a C compiler installed as `cc`. */
export const ceiling: ServerKind = {
  name: "ceiling (C)",
  version: () => {
    const compiler = versionOf("cc", "--version");
    return compiler === undefined ? undefined : `cc ${compiler}`;
  },
  start: async () => {
    const directory = mkdtempSync(join(tmpdir(), "malten-bench-"));
    const program = join(directory, "ceiling");
    try {
      const { exitCode, stderr } = Bun.spawnSync(["cc", "-O2", "-o", program, source]);
      if (exitCode !== 0) throw new Error(`cc: ${stderr.toString()}`);
      const port = freePort();
      return await launchOnPort(port, [program, String(port)]);
    } finally {
      // A running program does not need its file.
      rmSync(directory, { recursive: true });
    }
  },
};
