// How serious a line is, by the names and numbers that loggers use.

export type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

const NAMES = {
  trace: ["trace", "trc", "verbose", "silly", "finest", "finer"],
  debug: ["debug", "dbg", "dbug", "fine"],
  info: ["info", "inf", "information", "informational", "notice", "log", "success"],
  warn: ["warn", "warning", "wrn"],
  error: ["error", "err", "eror", "severe", "failure"],
  fatal: ["fatal", "ftl", "critical", "crit", "crt", "alert", "emerg", "emergency", "panic", "dpanic"],
} as const satisfies Record<Level, readonly string[]>;

const LEVELS: readonly Level[] = ["trace", "debug", "info", "warn", "error", "fatal"];

const BY_NAME: ReadonlyMap<string, Level> = new Map(
  LEVELS.flatMap((level) => NAMES[level].map((name) => [name, level] as const)),
);

/** By a name in any case. */
export function levelOfName(name: string): Level | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** By a number: 10 is trace and 60 is fatal, as in bunyan and pino; below 8, the severities of syslog (RFC 5424 §6.2.1). */
export function levelOfNumber(value: number): Level | undefined {
  if (!Number.isInteger(value) || value < 0 || value > 100) return undefined;
  if (value < 8) return SYSLOG[value];
  return LEVELS[Math.min(Math.max(Math.floor(value / 10) - 1, 0), LEVELS.length - 1)];
}

const SYSLOG: readonly Level[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];

/** The level is at the beginning of a line, after time and host. */
const HEAD = 200;

const KEY = /(?:^|[\s,])"?(?:level|lvl|severity|log\.level|loglevel)"?\s*[=:]\s*"?(\w+)/gi;
const BRACKETED = /[[<(](\w{3,13})[\])>]/g;
const CAPITALS = /\b[A-Z]{3,13}\b/g;
const FIRST_WORD = /^\s*(\w+)(?:\[\w+\])?:/g;
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/;
const HTTP_STATUS = /\bHTTP\/[\d.]+"? ([1-5])\d\d\b/;
const FAILED = /^\s*(?:not ok\b|--- FAIL|FAIL\b|\(fail\)|[✗✘✖×❌]\s)/;
const THROWN =
  /^\s*(?:Traceback \(most recent call last\)|(?:Uncaught |Caused by: )?[\w.$]*(?:Error|Exception)\b\s*[:[(])/;

const KLOG_LEVELS: Readonly<Record<string, Level>> = { I: "info", W: "warn", E: "error", F: "fatal" };

/** A level, and the word in the text that says it, if one does. */
export interface FoundLevel {
  readonly level: Level;
  readonly start: number;
  readonly end: number;
}

/** By the text of a line; undefined if it does not say. */
export function levelOfText(text: string): FoundLevel | undefined {
  const head = text.slice(0, HEAD);
  for (const pattern of [KEY, BRACKETED, CAPITALS, FIRST_WORD]) {
    for (const { 0: whole, 1: word = whole, index } of head.matchAll(pattern)) {
      const level = levelOfName(word);
      const start = index + whole.lastIndexOf(word);
      if (level !== undefined) return { level, start, end: start + word.length };
    }
  }
  const level = levelOfShape(head, text);
  return level && { level, start: 0, end: 0 };
}

function levelOfShape(head: string, text: string): Level | undefined {
  const klog = KLOG_LEVELS[KLOG.exec(head)?.[1] ?? ""];
  if (klog !== undefined) return klog;
  if (FAILED.test(head) || THROWN.test(head)) return "error";
  const status = HTTP_STATUS.exec(text)?.[1];
  if (status === undefined) return undefined;
  return status === "5" ? "error" : status === "4" ? "warn" : "info";
}
