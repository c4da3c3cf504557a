import { countDescriptors } from "../descriptors.ts";

/** Resources that the process uses. */
export interface ProcessUsage {
  /** Resident memory in bytes. */
  readonly resident: number;
  /** Memory of JavaScript objects in bytes, part of the resident memory. */
  readonly heap: number;
  /** Processor time since the start, in seconds. */
  readonly cpu: number;
  /** Undefined where there is no /proc. */
  readonly descriptors: number | undefined;
  /** When the process started, in seconds since 1970. */
  readonly startedAt: number;
}

export function processUsage(): ProcessUsage {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    resident: rss,
    heap: heapUsed,
    cpu: (user + system) / 1e6,
    descriptors: countDescriptors(),
    startedAt: performance.timeOrigin / 1000,
  };
}
