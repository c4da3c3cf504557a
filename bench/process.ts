import { availableParallelism } from "node:os";

/** Cores that the server and the load have to themselves, so that neither is in the other's way. */
export type Core = "server" | "load";
const CORE: Record<Core, number> = { server: 0, load: 1 };

const canPin = availableParallelism() >= 2 && Bun.which("taskset") !== null;

/** A program that this one started, and that ends with it. */
export type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

const running = new Set<Child>();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** How many files a process may have open here. */
export function openFilesLimit(): number {
  const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]);
  const limit = stdout.toString().trim();
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}

/** Starts a program on one core, with as many open files as there may be. Its pid is the program's own. */
export function launch(command: readonly string[], core: Core, timeout?: number): Child {
  const pinned = canPin ? ["taskset", "-c", String(CORE[core]), ...command] : command;
  const child: Child = Bun.spawn(["sh", "-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", ...pinned], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // Otherwise Bun leaves a cache of transpiled sources on disk.
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    ...(timeout !== undefined && { timeout, killSignal: "SIGKILL" }),
  });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Ends a program and waits until it is gone. */
export async function end(child: Child): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => {
    child.kill("SIGKILL");
  }, 3000);
  await child.exited;
  clearTimeout(late);
}
