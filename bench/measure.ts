import { readdirSync, readFileSync } from "node:fs";

/** Ticks a second in /proc/PID/stat: USER_HZ, which is 100 on every Linux that Bun runs on. */
const USER_HZ = 100;

/** What processes hold in memory, in bytes. */
export interface Memory {
  /** Proportional set size: resident memory, with what is shared divided among those who share it. */
  readonly pss: number;
  /** Anonymous resident memory alone: heaps and stacks, no program text. */
  readonly anonymous: number;
}

/** User and system time of all threads of the processes, living and ended, in seconds. Exact to 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the name in parentheses and may hold spaces: count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / USER_HZ;
}

/** Takes some milliseconds, and holds up the process meanwhile: not for within a measured time. */
export function memory(pids: readonly number[]): Memory {
  let pss = 0;
  let anonymous = 0;
  for (const pid of pids) {
    pss += kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m);
    anonymous += kilobytes(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB/m);
  }
  return { pss: pss * 1024, anonymous: anonymous * 1024 };
}

/** Files that the processes have open: connections, and some more. */
export function openFiles(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/** The process and the children that it has now: nginx works in children. */
export function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
}

function kilobytes(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, "latin1"))?.[1] ?? 0);
}
