import { expect, test } from "bun:test";
import { preventCoreDumps } from "./core-dumps.ts";

const onLinux = process.platform === "linux";

// In a process of its own: it cannot be undone for this one without the same call.
test.skipIf(!onLinux)("the kernel writes no core dump of the process", () => {
  const script = `
    import { dlopen } from "bun:ffi";
    import { readdirSync } from "node:fs";
    import { preventCoreDumps } from ${JSON.stringify(`${import.meta.dir}/core-dumps.ts`)};
    const PR_GET_DUMPABLE = 3;
    const { prctl } = dlopen("libc.so.6", { prctl: { args: ["int", "u64"], returns: "int" } }).symbols;
    const before = prctl(PR_GET_DUMPABLE, 0);
    preventCoreDumps({ warning: console.log, error: console.log });
    // The process itself can still read what the server needs.
    const files = readdirSync("/proc/self/fd").length > 0;
    console.log(before, prctl(PR_GET_DUMPABLE, 0), files);
  `;
  const { stdout } = Bun.spawnSync([process.execPath, "-e", script]);
  expect(stdout.toString()).toBe("1 0 true\n");
});

test.skipIf(!onLinux)("without the C library, a warning is logged", () => {
  const warnings: string[] = [];
  preventCoreDumps({ warning: (text) => void warnings.push(text), error: () => {} }, "libc.none.so");
  expect(warnings).toEqual(["cannot turn off core dumps (needs glibc): a crash may write messages to disk"]);
});
