// The command line in a process of its own, with pipes or a terminal around it.
import { environment, linesOf, SOURCE } from "./process.ts";

export interface CommandOptions {
  /** What to start; the source unless given. */
  readonly command?: readonly string[];
  /** The server's address. */
  readonly server?: string | URL;
  /** All of the standard input; without it there is none. */
  readonly input?: string | Uint8Array<ArrayBuffer>;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

function start(args: readonly string[], { command = SOURCE, server, variables }: CommandOptions) {
  return {
    cmd: [...command, ...args],
    env: { ...environment(), ...(server && { MALTEN_SERVER: String(server) }), ...variables },
  };
}

/** Runs `malten` to its end. */
export async function malten(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { input } = options;
  const child = Bun.spawn({
    ...start(args, options),
    stdin: input === undefined ? "ignore" : new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

/** The shell's words for a reader that begins when a line comes on the standard input. */
const GATE = 'exec 3<&0; "$@" </dev/null | { read -r _ <&3; cat; }';

/** A `malten` that goes on until it is told to stop. `await using` ends it however the test ends. */
export class RunningCommand implements AsyncDisposable {
  readonly child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  private readonly out: AsyncGenerator<string, undefined>;
  private readonly err: AsyncGenerator<string, undefined>;

  /** @param gated What it prints stays in its pipe until a line is typed: the runtime reads pipes that nobody asked it to. */
  constructor(args: readonly string[], options: CommandOptions = {}, gated = false) {
    const { cmd, env } = start(args, options);
    this.child = Bun.spawn({
      cmd: gated ? ["bash", "-c", GATE, "bash", ...cmd] : cmd,
      env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.out = linesOf(this.child.stdout);
    this.err = linesOf(this.child.stderr);
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    return (await this.out.next()).value ?? "(the end)";
  }

  /** So many lines that it prints. */
  async lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  /** The next line on its standard error. */
  async complaint(): Promise<string> {
    return (await this.err.next()).value ?? "(the end)";
  }

  type(text: string): void {
    void this.child.stdin.write(text);
    void this.child.stdin.flush();
  }

  /** Answers the exit code. */
  async stop(signal: NodeJS.Signals): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** A `malten` on a terminal of 80 columns and 24 rows. */
export class TerminalCommand implements AsyncDisposable {
  private shown = "";
  private readonly child: Bun.Subprocess;
  private changed = () => {};

  constructor(args: readonly string[], options: CommandOptions = {}) {
    const decoder = new TextDecoder();
    this.child = Bun.spawn({
      ...start(args, options),
      // Made with the process: it obeys Ctrl-C, which a terminal that was there before would not pass on.
      terminal: {
        cols: 80,
        rows: 24,
        data: (_, bytes) => {
          this.shown += decoder.decode(bytes, { stream: true });
          this.changed();
        },
      },
    });
  }

  /** All that came, once this came. */
  async until(text: string): Promise<string> {
    while (!this.shown.includes(text)) {
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
    return this.shown;
  }

  type(text: string): void {
    this.child.terminal?.write(text);
  }

  get exited(): Promise<number> {
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    this.child.terminal?.close();
  }
}
