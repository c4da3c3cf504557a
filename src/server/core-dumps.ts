import { dlopen } from "bun:ffi";
import type { Logger } from "./log.ts";

/** `linux/prctl.h` */
const PR_SET_DUMPABLE = 4;

/**
 * Keeps the kernel from writing the memory of this process, which has all messages, to disk when it crashes, and other processes
 * of the same user from reading it (`PR_SET_DUMPABLE`, prctl(2)). Logs a warning if that is not possible on Linux: it needs
 * glibc. Does nothing on other systems.
 */
export function preventCoreDumps(log: Logger, library = "libc.so.6"): void {
  if (process.platform !== "linux") return;
  try {
    const number = "u64";
    const libc = dlopen(library, {
      prctl: { args: ["int", number, number, number, number], returns: "int" },
    });
    const result = libc.symbols.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    libc.close();
    if (result === 0) return;
  } catch {
    // No such library.
  }
  log.warning("cannot turn off core dumps (needs glibc): a crash may write messages to disk");
}
