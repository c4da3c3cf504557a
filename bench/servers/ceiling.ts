import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launchOn, versionOf, type ServerKind } from "./server.ts";

const source = join(import.meta.dir, "..", "ceiling.c");

/** See bench/ceiling.c. Needs a C compiler, called cc. */
export const ceiling: ServerKind = {
  name: "ceiling (C)",
  version: () => versionOf("cc", "--version"),
  start: async () => {
    const directory = mkdtempSync(join(tmpdir(), "malten-bench-"));
    const program = join(directory, "ceiling");
    try {
      const { exitCode, stderr } = Bun.spawnSync(["cc", "-O2", "-o", program, source]);
      if (exitCode !== 0) throw new Error(`cc: ${stderr.toString()}`);
      const port = freePort();
      return await launchOn(port, [program, String(port)]);
    } finally {
      // A program that runs does not need its file.
      rmSync(directory, { recursive: true });
    }
  },
};
