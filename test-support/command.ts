// Commands in their own process, with pipes or a terminal.
import { environment, linesOf, SOURCE } from "./process.ts";

export interface CommandOptions {
  /** Program and first arguments to start; the source by default. */
  readonly command?: readonly string[];
  /** Sets `MALTEN_SERVER`. */
  readonly server?: string | URL;
  /** Standard input; none by default. */
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

/** Runs `malten` until it exits. */
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

/**
 * A shell script that holds back the output of a command until a line is typed. It becomes the command itself: a pipeline would
 * leave the command running when the shell is killed.
 */
const GATE = 'exec 3<&0; exec "$@" > >(read -r _ <&3; cat) </dev/null 3<&-';

/** A long-running `malten`. `await using` kills it at the end of the test, also of a failed one. */
export class RunningCommand implements AsyncDisposable {
  readonly child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  private readonly out: AsyncGenerator<string, undefined>;
  private readonly err: AsyncGenerator<string, undefined>;

  /** @param gated Its output is not read until a line is typed. Without the gate, the test runtime reads ahead. */
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

  /** The next lines that it prints. */
  async lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  /** The next line of its standard error. */
  async errorLine(): Promise<string> {
    return (await this.err.next()).value ?? "(the end)";
  }

  type(text: string): void {
    void this.child.stdin.write(text);
    void this.child.stdin.flush();
  }

  /** Sends a signal and returns the exit code. */
  async stop(signal: NodeJS.Signals): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** The size of a terminal. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** A `malten` on a terminal. */
export class TerminalCommand implements AsyncDisposable {
  private shown = "";
  private readonly child: Bun.Subprocess;
  private changed = () => {};

  /** @param onShown called with what it writes */
  constructor(
    args: readonly string[],
    options: CommandOptions = {},
    { columns, rows }: WindowSize = { columns: 80, rows: 24 },
    onShown: (bytes: Uint8Array) => void = () => {},
  ) {
    const decoder = new TextDecoder();
    this.child = Bun.spawn({
      ...start(args, options),
      // Created with the process: an existing terminal would not pass on Ctrl-C.
      terminal: {
        cols: columns,
        rows,
        data: (_, bytes) => {
          this.shown += decoder.decode(bytes, { stream: true });
          onShown(bytes);
          this.changed();
        },
      },
    });
  }

  /** Waits for a text and returns everything shown so far. */
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

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  resize({ columns, rows }: WindowSize): void {
    this.child.terminal?.resize(columns, rows);
  }

  /** Closes the terminal. */
  hangUp(): void {
    this.child.terminal?.close();
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
