import { availableParallelism } from "node:os";

/** The server and the load each have their own core, so that they do not compete. */
export type Core = "server" | "load";
const CORE: Record<Core, number> = { server: 0, load: 1 };

const canPin = availableParallelism() >= 2 && Bun.which("taskset") !== null;

/** A child process. It is killed when this process exits. */
export type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

const running = new Set<Child>();

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Pins all threads of this process to a core. The programs that it launches are pinned to their own. */
export function pinThisProcess(core: Core): void {
  if (canPin) Bun.spawnSync(["taskset", "-acp", String(CORE[core]), String(process.pid)]);
}

/** File descriptors reserved for files other than connections. */
const RESERVED_FILES = 200;

/** Returns how many connections a process may have, at most `most`: ephemeral ports are limited as well. */
export function connectionLimit(most: number): number {
  return Math.min(openFilesLimit(), most) - RESERVED_FILES;
}

/** The hard limit of open files per process. */
function openFilesLimit(): number {
  const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -Hn"]);
  const limit = stdout.toString().trim();
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}

/**
 * Starts a program pinned to a core, with the highest limit of open files. The pid is that of the program, not of a shell.
 *
 * @param timeout milliseconds until the program is killed
 */
export function launch(command: readonly string[], core: Core, timeout?: number): Child {
  const pinned = canPin ? ["taskset", "-c", String(CORE[core]), ...command] : command;
  const child: Child = Bun.spawn(["sh", "-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", ...pinned], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: {
      ...process.env,
      // Keeps Bun from writing transpiled sources to a cache on disk.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      // Without it, only root could read the server's memory usage.
      MALTEN_ALLOW_CORE_DUMPS: "1",
    },
    ...(timeout !== undefined && { timeout, killSignal: "SIGKILL" }),
  });
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Waits for a program that runs a job and returns its result, which has this type. @throws the error of that program */
export async function resultOf<T>(child: Child): Promise<T> {
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  if (!stdout.startsWith("{")) {
    // Only the message, without the stack trace and source lines around it.
    const reason = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr.trim().slice(0, 200);
    throw new Error(`load failed: ${reason}`);
  }
  // The program writes results of the same types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(stdout) as T;
}

/** Stops a program and waits for its exit. Kills it after 3 s. */
export async function stop(child: Child): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
  }, 3000);
  await child.exited;
  clearTimeout(timer);
}
