import type { ClientStream, Limits } from "../client/index.ts";
import { isUnlisted } from "../protocol/name.ts";
import { plain, type Plain } from "./plain.ts";
import type { Session } from "./session.ts";

/** How often the notice is updated on a terminal, in milliseconds. */
const INTERVAL = 1000;

/** An answer later than this is delayed by the server, if messages are sent as fast as it allows, in milliseconds. */
const LATE = 2000;

const REASONS: Readonly<Record<string, string>> = {
  memory_full: "the server's memory is full",
  quota_exceeded: "your share of the server's memory is used up",
  shutting_down: "the server is restarting",
};

/** The stream that is sent to. */
type Paced = Pick<ClientStream, "name" | "state" | "onState">;

/** How far sending has come, in messages. */
export interface Progress {
  readonly sent: number;
  /** Read, and not accepted yet. */
  readonly waiting: number;
}

/**
 * Says on standard error that the server limits sending. On a terminal this is one line that is updated; elsewhere, and where the
 * user is typing, it is printed once.
 */
export class PaceNotice implements Disposable {
  private readonly stream: Paced;
  private readonly limits: Limits;
  private readonly session: Session;
  private readonly progress: () => Progress;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly unsubscribe: () => void;
  /** When an answer was last late, in milliseconds since 1970. */
  private late = 0;
  private isShown = false;

  constructor(stream: Paced, limits: Limits, session: Session, progress: () => Progress) {
    this.stream = stream;
    this.limits = limits;
    this.session = session;
    this.progress = progress;
    this.timer = setInterval(() => this.update(), INTERVAL);
    this.unsubscribe = stream.onState(() => this.update());
  }

  /** A message was accepted after it had waited for this many milliseconds. */
  accepted(waited: number): void {
    if (waited > LATE) this.late = Date.now();
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.unsubscribe();
    this.erase();
  }

  /** Whether the notice is the last line of the terminal and can be replaced. */
  private get isLive(): boolean {
    const { errors, input } = this.session;
    return errors.isTerminal && input.isTTY !== true;
  }

  private update(): void {
    const reason = this.reason();
    if (reason === undefined) return this.erase();
    if (!this.isLive) {
      if (!this.isShown) this.write(plain`${reason}; sending continues by itself\n`);
    } else {
      const { sent, waiting } = this.progress();
      const line = plain`${reason}; ${count(sent)} sent, ${count(waiting)} waiting`;
      this.write(plain`\r\u001b[K${this.session.errors.dim(line)}`);
    }
    this.isShown = true;
  }

  private reason(): Plain | undefined {
    const { state, name } = this.stream;
    const { rateLimit, byteRate } = this.limits;
    const isLate = state.kind === "live" && rateLimit > 0 && Date.now() - this.late < 2 * INTERVAL;
    const code = state.kind === "throttled" ? state.error.code : isLate ? "rate_limited" : undefined;
    if (code === undefined) return undefined;
    if (code !== "rate_limited") return plain`${REASONS[code] ?? "the server is busy"}`;
    const rate = isUnlisted(name) ? `${count(byteRate / 1024)} KiB` : `${count(rateLimit)} messages`;
    return rateLimit > 0
      ? plain`sending is limited by the server: ${rate} a second`
      : plain`sending is limited by the server`;
  }

  private erase(): void {
    if (!this.isShown || !this.isLive) return;
    this.isShown = false;
    // CR and EL, ECMA-48 §8.3.15 and §8.3.41.
    this.write(plain`\r\u001b[K`);
  }

  private write(text: Plain): void {
    this.session.errors.write(text).catch(() => clearInterval(this.timer));
  }
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en");
}
