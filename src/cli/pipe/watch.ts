import type { Pipe, PipeEvent } from "../../client/encrypted/index.ts";
import { lowerCased } from "../explain.ts";
import { plain, type Plain } from "../plain.ts";

const REFUSED = plain`warning: someone else tried to use the link, and was refused. Compare the six words with the other end by voice`;

/** What to do about what happens to a pipe. */
export interface Watcher {
  /** Prints a line on standard error. */
  warn(text: Plain): Promise<void>;
  /** The other end joined anew, with other words. */
  rekeyed(words: readonly string[]): Promise<void>;
}

/** Reports what happens to the pipe. `wasRefused` says whether someone else tried to use its link. */
export class Watch {
  wasRefused = false;
  private readonly watcher: Watcher;

  constructor(pipe: Pipe, watcher: Watcher) {
    this.watcher = watcher;
    // Standard error may be closed; the exit code must be enough.
    this.run(pipe.events()).catch(() => {});
  }

  private async run(events: AsyncIterable<PipeEvent>): Promise<void> {
    for await (const event of events) {
      if (event.type === "refused") {
        if (!this.wasRefused) await this.watcher.warn(REFUSED);
        this.wasRefused = true;
      } else if (event.type === "rekeyed") await this.watcher.rekeyed(event.words);
      else if (event.type === "warning") await this.watcher.warn(plain`warning: ${lowerCased(event.text)}`);
    }
  }
}
