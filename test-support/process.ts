// A server in a process of its own, for tests that need real signals, real sockets or its memory.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The source, run by the runtime that runs the tests. */
export const SOURCE = [process.execPath, join(import.meta.dir, "..", "src", "main.ts")];

const ANY_PORT = ["--port", "0", "--rate-limit", "0"];

/** How long a process may take to stop until it is killed and the test fails, in milliseconds. */
const PATIENCE = 15_000;

export interface ServerProcessOptions {
  /** What to start: a program and its first arguments. The server's source unless given. */
  readonly command?: readonly string[];
  /** The server's own arguments. Any free port and no rate limit unless given. */
  readonly args?: readonly string[];
  readonly cwd?: string;
}

/** The server said something else than its address. */
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

/** A running server. `await using` stops it however the test ends. */
export class ServerProcess implements AsyncDisposable {
  readonly url: URL;
  private readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  private readonly lines: AsyncGenerator<string, undefined>;

  private constructor(
    url: URL,
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    lines: AsyncGenerator<string, undefined>,
  ) {
    this.url = url;
    this.child = child;
    this.lines = lines;
  }

  /** Resolves when the server has printed its address. @throws StartError where it exits instead */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const { command = SOURCE, args = ANY_PORT, cwd = import.meta.dir } = options;
    const child = Bun.spawn([...command, ...args], {
      cwd,
      env: environment(),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const errors = new Response(child.stderr).text();
    const lines = linesOf(child.stdout);
    const { value = "" } = await lines.next();
    const address = /http:\/\/\S+/.exec(value)?.[0];
    if (address !== undefined) return new ServerProcess(new URL(address), child, lines);
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

  /** Asks the server to stop. Answers its exit code, which is not 0 where it had to be killed. */
  async stop(): Promise<number> {
    this.child.kill("SIGTERM");
    const killer = setTimeout(() => this.child.kill("SIGKILL"), PATIENCE);
    const code = await this.child.exited;
    clearTimeout(killer);
    return code;
  }

  /** Bytes of memory that are the process's own: no files, no code. Linux only. */
  residentMemory(): number {
    const kilobytes = /^RssAnon:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) * 1024;
  }

  /** How many files and sockets the process may have open. Linux only. */
  descriptorLimit(): number {
    const limits = readFileSync(`/proc/${this.pid}/limits`, "utf8");
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
    return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Without what the one who runs the tests has set for a server, and without a cache of sources on disk. */
export function environment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("MALTEN_"));
  return { ...Object.fromEntries(kept), BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
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
