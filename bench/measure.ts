import { readdirSync, readFileSync } from "node:fs";

/** Ticks per second in /proc/PID/stat: USER_HZ, which is 100 on every Linux that Bun supports. */
const USER_HZ = 100;

/** Memory of some processes, in bytes. */
export interface Memory {
  /** Proportional set size: resident memory, with shared pages divided among the processes that share them. */
  readonly pss: number;
  /** Resident anonymous memory: heaps and stacks, without the program text. */
  readonly anonymous: number;
}

/** User and system time of the processes, including ended threads, in seconds. Resolution: 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the name in parentheses, which may contain spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / USER_HZ;
}

/** Blocks the process for some milliseconds while the kernel walks its pages: never call it while measuring time. */
export function memory(pids: readonly number[]): Memory {
  let pss = 0;
  let anonymous = 0;
  for (const pid of pids) {
    pss += kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m);
    anonymous += kilobytes(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB/m);
  }
  return { pss: pss * 1024, anonymous: anonymous * 1024 };
}

/** Number of open file descriptors, which includes connections. */
export function openFiles(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/** The process and its current children: nginx serves from a child. */
export function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
}

function kilobytes(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, "latin1"))?.[1] ?? 0);
}
