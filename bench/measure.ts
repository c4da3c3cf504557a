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
    const stat = readProc(pid, "stat");
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
    pss += bytes(readProc(pid, "smaps_rollup"), "Pss");
    anonymous += resident(pid).anonymous;
  }
  return { pss, anonymous };
}

/** Resident memory of a process, in bytes. */
export interface Resident {
  /** All pages: heaps, stacks, program text. */
  readonly rss: number;
  /** Heaps and stacks only. */
  readonly anonymous: number;
}

/** Reads the resident memory of a process. Cheap, unlike {@link memory}: the kernel counts these pages anyway. */
export function resident(pid: number): Resident {
  const status = readProc(pid, "status");
  return { rss: bytes(status, "VmRSS"), anonymous: bytes(status, "RssAnon") };
}

/** Number of open file descriptors, which includes connections. */
export function openFiles(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/** The process and its current children: nginx serves from a child. */
export function withChildren(pid: number): number[] {
  const children = readProc(pid, `task/${pid}/children`).trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
}

function readProc(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, "latin1");
}

/** Returns a field that the kernel gives in kilobytes, in bytes. */
function bytes(fields: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(fields)?.[1] ?? 0) * 1024;
}
