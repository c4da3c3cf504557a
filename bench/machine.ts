import { availableParallelism, cpus, release, totalmem, type as system } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: number;
  readonly system: string;
  /** Frequencies may change, neighbours may be noisy. */
  readonly virtual: boolean;
}

export async function machine(): Promise<Machine> {
  const info = Bun.file("/proc/cpuinfo");
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${system()} ${release()}`,
    virtual: (await info.exists()) && /^flags.*\bhypervisor\b/m.test(await info.text()),
  };
}
