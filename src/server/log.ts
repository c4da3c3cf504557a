import type { Clock } from "../core/clock.ts";
import { excess, take, type Rate } from "./limits/gcra.ts";

/**
 * Lines of a level that may be logged in a burst, and milliseconds per line after that: a client that provokes errors cannot flood
 * the log.
 */
const LINES: Rate = { burst: 10, interval: 60_000 };

/** Maximum number of stack frames to log. */
const MAX_FRAMES = 8;

/** Maximum number of errors to log in a chain of causes. */
const MAX_CAUSES = 4;

/** `text`: lines for people. `json`: one object per line, for programs. */
export type LogFormat = "text" | "json";

/** Facts about the server itself, such as its version. */
export type LogDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/** The operator's log: lifecycle and faults of the server, never a client's text, name or address. */
export interface Logger {
  /** Logs an unexpected error. `where` names the part of the server, such as a route. */
  error(where: string, error: unknown): void;
  /** Logs a condition that the operator should know about. */
  warning(text: string): void;
}

/** The log of the process, which also records its start and end. */
export interface ProcessLogger extends Logger {
  /** Logs something that the operator asked for, such as a new certificate. */
  info(text: string, details?: LogDetails): void;
  /** Logs a step of starting or stopping. Only as JSON: in a terminal, the command itself shows them. */
  lifecycle(text: string, details?: LogDetails): void;
}

/**
 * Writes lines such as `error: POST /messages failed: TypeError at publish (src/server/routes/publish.ts:12:3)`, or the same as
 * JSON with the time (RFC 3339).
 */
export class ServerLog implements ProcessLogger {
  private readonly write: (line: string) => void;
  private readonly clock: Clock;
  private readonly format: LogFormat;
  private readonly limits: Readonly<Record<"error" | "warning", LineLimit>>;

  constructor(write: (line: string) => void, clock: Clock, format: LogFormat = "text") {
    this.write = write;
    this.clock = clock;
    this.format = format;
    this.limits = { error: new LineLimit(clock), warning: new LineLimit(clock) };
  }

  error(where: string, error: unknown): void {
    if (!this.admits("error")) return;
    const described = describeError(error);
    if (this.format === "json") this.line("error", `${where} failed`, { error: described });
    else this.line("error", `${where} failed: ${described}`);
  }

  warning(text: string): void {
    if (this.admits("warning")) this.line("warning", text);
  }

  info(text: string, details?: LogDetails): void {
    this.line("info", text, details);
  }

  lifecycle(text: string, details?: LogDetails): void {
    if (this.format === "json") this.line("info", text, details);
  }

  /** Reports whether another line may be logged. If so, first logs how many were suppressed. */
  private admits(level: "error" | "warning"): boolean {
    const limit = this.limits[level];
    if (!limit.allows()) return false;
    const suppressed = limit.takeSuppressed();
    if (suppressed > 0) this.line(level, `${suppressed} more ${level}s suppressed`);
    return true;
  }

  private line(level: "error" | "warning" | "info", message: string, details: LogDetails = {}): void {
    if (this.format === "json") {
      const time = new Date(this.clock.wall() / 1000).toISOString();
      this.write(JSON.stringify({ time, level, message, ...details }));
    } else {
      const values = Object.entries(details).map(([name, value]) => ` ${name}=${String(value)}`);
      this.write(`${level}: ${message}${values.join("")}`);
    }
  }
}

/** Limits the lines of one level to {@link LINES} and counts the others. */
class LineLimit {
  private readonly clock: Clock;
  private state = 0;
  private suppressed = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  allows(): boolean {
    const now = this.clock.monotonic();
    const state = take(this.state, now, 1, LINES);
    const allowed = excess(state, now, LINES) === 0;
    if (allowed) this.state = state;
    else this.suppressed++;
    return allowed;
  }

  /** Returns how many lines were not allowed since the last call. */
  takeSuppressed(): number {
    const { suppressed } = this;
    this.suppressed = 0;
    return suppressed;
  }
}

/** Returns the classes of an error and its causes and where they were thrown. Never their messages, which may quote a client. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; parts.length < MAX_CAUSES;) {
    if (!(each instanceof Error)) {
      if (each !== undefined || parts.length === 0) parts.push(typeof each);
      break;
    }
    parts.push([className(each), ...framesOf(each).slice(0, MAX_FRAMES)].join(" at "));
    each = each.cause;
  }
  return parts.join(", caused by ");
}

/** The class of an error with the code of a system error, such as `Error ECONNREFUSED`. */
function className(error: Error): string {
  const name = matching(error.constructor.name, /^\w{1,64}$/) ?? "Error";
  const code = "code" in error ? matching(error.code, /^[A-Z][A-Z0-9_]{1,40}$/) : undefined;
  return code === undefined ? name : `${name} ${code}`;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

/** Returns the frames of our own code, with paths from `src` on: a full path may contain a user's name. */
function framesOf({ stack = "", name, message }: Error): string[] {
  // A message could imitate frames, so it is cut off first. If that is not possible, no frames are logged.
  const header = `${[name, message].filter((part) => part !== "").join(": ")}\n`;
  if (!stack.startsWith(header)) return [];
  const frames: string[] = [];
  for (const line of stack.slice(header.length).split("\n")) {
    const frame = /^ +at (?:([\w$.#<> ]{1,80}) \()?([^()]*):([0-9]+):([0-9]+)\)?$/.exec(line);
    if (frame === null) continue;
    const [, caller = "<anonymous>", file = "", row, column] = frame;
    if (/^(?:node|bun|native):|^native|[\\/]node_modules[\\/]/.test(file)) continue;
    const path = /(?:^|[\\/])(src[\\/][\w\\/.-]+)$/.exec(file)?.[1] ?? /[\w.-]*$/.exec(file)?.[0];
    frames.push(`${caller} (${path}:${row}:${column})`);
  }
  return frames;
}
