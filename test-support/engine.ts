// Valkey or Redis in processes of their own, which keep nothing on disk.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, linesOf } from "./process.ts";
import { reportSkipped } from "./skipped.ts";

const SERVER = Bun.which("redis-server");

/** Whether engines can be started here. Otherwise says that `tests` are skipped. */
export function hasEngine(tests: string): boolean {
  if (SERVER === null) reportSkipped(tests, "redis-server");
  return SERVER !== null;
}

/** Keeps nothing on disk, as in deploy/valkey. */
const SETTINGS = `
bind 127.0.0.1
save ""
appendonly no
maxmemory 64mb
maxmemory-policy noeviction
repl-diskless-load swapdb
`;

export interface EngineOptions {
  /** Lines of a configuration file. */
  readonly settings?: string;
  /** By default any free one. */
  readonly port?: number;
  /** The working directory; by default an empty one. */
  readonly folder?: string;
}

/** A running engine. `await using` stops it at the end of the test, also of a failed one. */
export class EngineProcess implements AsyncDisposable {
  readonly port: number;
  /** Where it would write files. */
  readonly folder: string;
  private readonly child: Bun.Subprocess<Blob, "pipe", "ignore">;

  private constructor(port: number, folder: string, child: Bun.Subprocess<Blob, "pipe", "ignore">) {
    this.port = port;
    this.folder = folder;
    this.child = child;
  }

  /** Resolves when the engine accepts connections. */
  static async start({ settings = "", port, folder: given }: EngineOptions = {}): Promise<EngineProcess> {
    for (;;) {
      const chosen = port ?? freePort();
      const folder = given ?? (await mkdtemp(join(tmpdir(), "engine-")));
      const child = Bun.spawn([SERVER ?? "redis-server", "-"], {
        cwd: folder,
        env: environment(),
        stdin: new Blob([`${SETTINGS}port ${chosen}\ndir ${folder}\n${settings}`]),
        stdout: "pipe",
        stderr: "ignore",
      });
      const lines = linesOf(child.stdout);
      let last = "";
      for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
        last = line.value;
        if (!last.includes("Ready to accept connections")) continue;
        drain(lines);
        return new EngineProcess(chosen, folder, child);
      }
      await rm(folder, { recursive: true });
      // Another program took the port meanwhile.
      if (port !== undefined || !last.includes("Failed listening"))
        throw new Error(`The engine does not start: ${last}`);
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Kills it without notice. What it had in memory is lost. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a command with the tool of the engine. Returns what it prints. */
  async command(...args: readonly string[]): Promise<string> {
    const child = Bun.spawn(["redis-cli", "-p", `${this.port}`, ...args], {
      env: environment(),
      stdout: "pipe",
    });
    return (await new Response(child.stdout).text()).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Returns a free port below those that the system gives out, so that it is still free when an engine is started again. */
export function freePort(): number {
  for (;;) {
    // A node of a cluster also takes the port 10,000 higher.
    const port = 11_000 + Math.floor(Math.random() * 11_000);
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Taken: try another one.
    }
  }
}

function drain(lines: AsyncGenerator<string, undefined>): void {
  void (async () => {
    while ((await lines.next()).done !== true);
  })();
}
