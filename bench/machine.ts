import { availableParallelism, cpus, release, totalmem, type as system } from "node:os";

/** The machine that a run was measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  /** On a virtual machine, clock rates vary and neighbours add noise. */
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
