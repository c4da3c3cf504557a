// A server in its own process, for tests that need real signals, real sockets or its memory usage.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Runs the source with the runtime that runs the tests. */
export const SOURCE = [process.execPath, join(import.meta.dir, "..", "src", "main.ts")];

const ANY_PORT = ["--port", "0", "--rate-limit", "0"];

/** How long a process may take to exit, in milliseconds. */
const PATIENCE = 15_000;

export interface ServerProcessOptions {
  /** Program and first arguments to start; {@link SOURCE} by default. */
  readonly command?: readonly string[];
  /** Arguments of the server; any free port and no rate limit by default. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Variables besides those of {@link environment}. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The server exited without printing its address. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode: number;
  readonly output: string;

  constructor(exitCode: number, output: string) {
    super(`The server exited with ${exitCode}: ${output}`);
    this.exitCode = exitCode;
    this.output = output;
  }
}

/** A running server. `await using` stops it at the end of the test, also of a failed one. */
export class ServerProcess implements AsyncDisposable {
  readonly url: URL;
  /** Everything that it wrote to its standard error, once it has exited. */
  readonly errors: Promise<string>;
  private readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  private readonly lines: AsyncGenerator<string, undefined>;

  private constructor(
    url: URL,
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    lines: AsyncGenerator<string, undefined>,
    errors: Promise<string>,
  ) {
    this.url = url;
    this.errors = errors;
    this.child = child;
    this.lines = lines;
  }

  /** Resolves when the server has printed its address. @throws StartError if it exits instead */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const { command = SOURCE, args = ANY_PORT, cwd = import.meta.dir, env } = options;
    const child = Bun.spawn([...command, ...args], {
      cwd,
      env: { ...environment(), ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const errors = new Response(child.stderr).text();
    const lines = linesOf(child.stdout);
    const { value = "" } = await lines.next();
    const address = /https?:\/\/\S+/.exec(value)?.[0];
    if (address !== undefined) return new ServerProcess(new URL(address), child, lines, errors);
    child.kill("SIGKILL");
    throw new StartError(await child.exited, value + (await errors));
  }

  get pid(): number {
    return this.child.pid;
  }

  get port(): number {
    return Number(this.url.port);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The next line that the server prints. */
  async nextLine(): Promise<string> {
    const { value } = await this.lines.next();
    if (value === undefined) throw new Error("The server has exited");
    return value;
  }

  /** Stops the server. Returns its exit code, which is not 0 if it had to be killed. */
  async stop(): Promise<number> {
    this.child.kill("SIGTERM");
    const killer = setTimeout(() => this.child.kill("SIGKILL"), PATIENCE);
    const code = await this.child.exited;
    clearTimeout(killer);
    return code;
  }

  /** Anonymous resident memory in bytes: without files and code. Linux only. */
  residentMemory(): number {
    const kilobytes = /^RssAnon:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) * 1024;
  }

  /** The limit of open files and sockets. Linux only. */
  descriptorLimit(): number {
    const limits = readFileSync(`/proc/${this.pid}/limits`, "utf8");
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** How long processes may take to exit after a test file, in milliseconds: less than the limit of a hook. */
const EXIT_TIME = 3000;

/** Marks the processes that tests start, and the processes started by those. */
const MARK = { TEST_RUN: `${process.pid}` };

/**
 * The environment for processes under test: without the developer's own `MALTEN_*` variables, without a cache of sources on
 * disk, and marked for {@link expectNoProcessLeft}.
 */
export function environment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("MALTEN_"));
  return {
    ...Object.fromEntries(kept),
    ...MARK,
    // Without it, tests that are not run by root could not read /proc/PID.
    MALTEN_ALLOW_CORE_DUMPS: "1",
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
  };
}

/**
 * For `afterAll`: waits until every process started with {@link environment} has exited, and kills the others. Does nothing where
 * there is no /proc.
 * @throws Error with the command lines of the processes that were left
 */
export async function expectNoProcessLeft(): Promise<void> {
  const deadline = performance.now() + EXIT_TIME;
  let left = markedProcesses();
  while (left.length > 0 && performance.now() < deadline) {
    // They are not always children of this one, so their end is no event here.
    await Bun.sleep(20);
    left = markedProcesses();
  }
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  if (left.length > 0)
    throw new Error(`Processes left behind:\n${left.map(({ command }) => command).join("\n")}`);
}

function markedProcesses(): { pid: number; command: string }[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (!variables.includes(`TEST_RUN=${MARK.TEST_RUN}`)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(pid), command: `${pid} ${command}` }];
    } catch {
      // Exited meanwhile, or another user's.
      return [];
    }
  });
}

export async function* linesOf(output: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of output) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
