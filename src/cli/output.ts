import type { Writable } from "node:stream";
import { hueOf } from "../protocol/name-hue.ts";
import { plain, Plain } from "./plain.ts";

/**
 * A colour for each hue of a name, of the 256 that terminals have (the cube of xterm). Their contrast is at least 3.3:1 on white and on
 * black: what the user's background is, is not known.
 */
const HUE_COLOURS = [167, 166, 100, 64, 28, 29, 30, 32, 63, 134, 164, 198];

/** The reader of the output has exited: `malten tail foo | head`. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/** An output stream; a terminal also has a size. */
type Target = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** Standard output or standard error, with back-pressure. */
export class Output {
  readonly isTerminal: boolean;
  /** Whether text may be styled. */
  readonly hasColours: boolean;
  /** Whether it is a terminal that can move the cursor. */
  readonly canDraw: boolean;
  private readonly target: Target;
  private readonly stop: AbortSignal;
  private broken: Error | undefined = undefined;
  /** Writers waiting for the stream to drain. */
  private readonly waiting: (() => void)[] = [];

  /**
   * @param environment `NO_COLOR` (https://no-color.org) and `TERM=dumb` turn colours off
   * @param stop when aborted, writers no longer wait for the stream to drain
   */
  constructor(target: Target, environment: Readonly<Record<string, string | undefined>>, stop: AbortSignal) {
    this.target = target;
    this.stop = stop;
    this.isTerminal = target.isTTY === true;
    this.canDraw = this.isTerminal && environment["TERM"] !== "dumb";
    this.hasColours = this.canDraw && !environment["NO_COLOR"];
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

  /** Calls `callback` when the size of the terminal has changed. Returns a function that ends that. */
  onResize(callback: () => void): () => void {
    this.target.on("resize", callback);
    return () => void this.target.off("resize", callback);
  }

  /** Resolves when there is room for more, or the process is stopped. @throws BrokenPipe or a system error */
  write({ text }: Plain): Promise<void> {
    return this.push(text);
  }

  private async push(content: string | Uint8Array): Promise<void> {
    this.check();
    if (this.target.write(content) || this.stop.aborted) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
    this.check();
  }

  /** Writes bytes to a file or another program, as they are. The same promise as {@link write}. */
  bytes(bytes: Uint8Array): Promise<void> {
    if (this.isTerminal) throw new Error("Bytes could control the terminal");
    return this.push(bytes);
  }

  line(text: Plain): Promise<void> {
    return this.write(plain`${text}\n`);
  }

  /** Writes a message to a file or another program, as it is. */
  verbatim(text: string): Promise<void> {
    return this.line(this.isTerminal ? plain`${text}` : Plain.own(text));
  }

  /** Resolves when everything is written, or writing has failed. */
  async flush(): Promise<void> {
    if (this.broken !== undefined) return;
    await new Promise<void>((resolve) => {
      this.target.once("error", () => resolve());
      this.target.write("", () => resolve());
    });
  }

  /** Styles less important text: SGR, ECMA-48 §8.3.117. */
  dim(text: Plain): Plain {
    return this.style("2", text);
  }

  /** Styles the life that is left, which has a colour of its own. */
  alive(text: Plain): Plain {
    return this.style("36", text);
  }

  /** Styles what the user should notice. */
  warning(text: Plain): Plain {
    return this.style("33", text);
  }

  /** Gives a text the colour of a name. */
  coloured(name: string, text: Plain): Plain {
    return this.style(`1;38;5;${HUE_COLOURS[hueOf(name)] ?? 0}`, text);
  }

  private style(parameters: string, text: Plain): Plain {
    return this.hasColours ? plain`\u001b[${parameters}m${text}\u001b[0m` : text;
  }

  private readonly wake = (): void => {
    for (const resolve of this.waiting.splice(0)) resolve();
  };

  private check(): void {
    if (this.broken !== undefined) throw this.broken;
  }
}

/** A terminal of unknown size reports 0. */
function knownSize(size: number | undefined): number | undefined {
  return size === 0 ? undefined : size;
}
