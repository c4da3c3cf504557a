// The memory of a process.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const PAGE = 4096;

/** Bits of an entry in /proc/PID/pagemap: the page is in memory, or in swap. */
const PRESENT = 0xc0;

/** Pages that are read at once, at most. */
const MOST = 4096;

/**
 * Passes on the memory that a process has written to: not the code of its executable, and nothing that it has only reserved. Linux
 * only; the process must be a child that allows core dumps. It is stopped meanwhile.
 */
export function readMemory(pid: number, use: (bytes: Buffer) => void): void {
  process.kill(pid, "SIGSTOP");
  const [memory, pages] = [openSync(`/proc/${pid}/mem`, "r"), openSync(`/proc/${pid}/pagemap`, "r")];
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from, to, rights = "", inode] =
        /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ ([0-9]+)/.exec(line) ?? [];
      const isCode = inode !== "0" && !rights.includes("w");
      if (from === undefined || to === undefined || !rights.startsWith("r") || isCode) continue;
      readRegion(memory, pages, Number.parseInt(from, 16) / PAGE, Number.parseInt(to, 16) / PAGE, use);
    }
  } finally {
    closeSync(memory);
    closeSync(pages);
    process.kill(pid, "SIGCONT");
  }
}

function readRegion(
  memory: number,
  pages: number,
  first: number,
  end: number,
  use: (bytes: Buffer) => void,
): void {
  for (let start = first; start < end; start += 1 << 16) {
    const entries = Buffer.alloc(8 * Math.min(1 << 16, end - start));
    const known = readSync(pages, entries, 0, entries.length, start * 8) / 8;
    const isPresent = (i: number) => i < known && ((entries[i * 8 + 7] ?? 0) & PRESENT) !== 0;
    for (let i = 0; i < known;) {
      let count = 0;
      while (count < MOST && isPresent(i + count)) count++;
      if (count > 0) {
        const bytes = Buffer.alloc(count * PAGE);
        // What is at the border of two pieces is looked for in neither: pieces are many times longer than secrets.
        const length = readSync(memory, bytes, 0, bytes.length, (start + i) * PAGE);
        use(bytes.subarray(0, length));
      }
      i += Math.max(1, count);
    }
  }
}
