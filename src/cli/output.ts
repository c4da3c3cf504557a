import type { Writable } from "node:stream";

/** Nobody reads any more what is written: `malten tail foo | head`. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** A terminal has a width; a pipe or a file does not. */
type Target = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** The standard output, or the standard error. */
export class Output {
  readonly isTerminal: boolean;
  private readonly target: Target;
  private readonly colours: boolean;
  private readonly stop: AbortSignal;
  private broken: Error | undefined = undefined;
  /** Writers that wait for room. */
  private readonly waiting: (() => void)[] = [];

  /**
   * @param environment `NO_COLOR`, https://no-color.org, takes the colours from a terminal
   * @param stop The process is told to stop: from then on nobody waits for room
   */
  constructor(target: Target, environment: Readonly<Record<string, string | undefined>>, stop: AbortSignal) {
    this.target = target;
    this.stop = stop;
    this.isTerminal = target.isTTY === true;
    this.colours = this.isTerminal && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
    target.on("drain", this.wake);
    stop.addEventListener("abort", this.wake);
    target.on("error", (error: Error) => {
      this.broken = "code" in error && error.code === "EPIPE" ? new BrokenPipe() : error;
      this.wake();
    });
  }

  get columns(): number {
    return knownSize(this.target.columns) ?? 80;
  }

  get rows(): number {
    return knownSize(this.target.rows) ?? 24;
  }

  /** Resolves when there is room for more, or the process is told to stop. @throws BrokenPipe, or what the system says */
  async write(text: string): Promise<void> {
    this.check();
    if (this.target.write(text) || this.stop.aborted) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
    this.check();
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Resolves when all is written, or cannot be. */
  async flush(): Promise<void> {
    if (this.broken !== undefined) return;
    await new Promise<void>((resolve) => {
      this.target.once("error", () => resolve());
      this.target.write("", () => resolve());
    });
  }

  /** Less important than the rest. */
  dim(text: string): string {
    return this.styled(2, text);
  }

  bold(text: string): string {
    return this.styled(1, text);
  }

  private readonly wake = (): void => {
    for (const resolve of this.waiting.splice(0)) resolve();
  };

  private check(): void {
    if (this.broken !== undefined) throw this.broken;
  }

  /** SGR, ECMA-48 §8.3.117. */
  private styled(code: number, text: string): string {
    return this.colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** A terminal of which nobody said how large it is has the size 0. */
function knownSize(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}
