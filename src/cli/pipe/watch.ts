import type { Pipe, PipeEvent } from "../../client/encrypted/index.ts";
import { lowerCased } from "../explain.ts";
import { Failure } from "../failure.ts";
import { plain, type Plain } from "../plain.ts";

/** How long to wait for an end that is not connected, in milliseconds. */
const PATIENCE = 10 * 60_000;

const REFUSED = plain`warning: someone else tried to use the link, and was refused. Compare the six words with the other end by voice`;

/** What to do about what happens to a pipe. */
interface Watcher {
  /** Prints a line on standard error. */
  warn(text: Plain): Promise<void>;
  /** The other end joined anew, with other words. */
  rekeyed(words: readonly string[]): Promise<void>;
}

/** Reports what happens to a pipe. */
export class Watch implements Disposable {
  /** Whether someone else tried to use the link. */
  wasRefused = false;
  /** Rejects when the other end has been away for too long. */
  readonly lost: Promise<never>;
  private readonly watcher: Watcher;
  private readonly patience: number;
  private readonly giveUp: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pipe: Pick<Pipe, "events">, watcher: Watcher, patience = PATIENCE) {
    this.watcher = watcher;
    this.patience = patience;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    this.lost.catch(() => {});
    this.giveUp = () => reject(new Failure("the other end was disconnected, and did not come back"));
    // The pipe reports its errors elsewhere, too.
    this.run(pipe.events()).catch(() => {});
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private async run(events: AsyncIterable<PipeEvent>): Promise<void> {
    for await (const event of events) await this.handle(event);
  }

  private async handle(event: PipeEvent): Promise<void> {
    switch (event.type) {
      case "away":
        this.timer = setTimeout(this.giveUp, this.patience);
        return this.watcher.warn(plain`the other end is not connected; waiting for it`);
      case "back":
        clearTimeout(this.timer);
        return this.watcher.warn(plain`the other end is back`);
      case "refused": {
        const isFirst = !this.wasRefused;
        this.wasRefused = true;
        return isFirst ? this.watcher.warn(REFUSED) : undefined;
      }
      case "rekeyed":
        return this.watcher.rekeyed(event.words);
      case "warning":
        return this.watcher.warn(plain`warning: ${lowerCased(event.text)}`);
      default:
    }
  }
}
