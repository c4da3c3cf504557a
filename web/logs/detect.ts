// Whether a stream is written by machines. Rather no than yes: people's talk must not turn into a log before their eyes.
import { MIN_SAMPLES, SAMPLES } from "./samples.ts";

export interface Sample {
  readonly text: string;
  readonly name?: string | undefined;
  readonly own: boolean;
  readonly time: Date;
}

/** The share of lines that have to look like a log's. */
const SHARE = 0.8;

/** Messages that follow each other faster than people write or read them, in milliseconds: the median interval. */
const FAST = 50;
const MIN_FAST = 20;
/** Longer ones are rather the pieces of a text that was too long for one message. */
const SHORT = 300;
/** The share of fast lines that have to look as if a program wrote them. */
const FAST_SHARE = 0.6;
/** Paths, pairs, brackets, places in files, measurements, indentation and bullets. */
const TECHNICAL =
  /[\w.-]\/[\w.-]+|\w[=:]\S|[[{<]\w|::|->|=>|\w@\d|\bv?\d+\.\d+\.\d+|\b\d+(?:\.\d+)? ?(?:ms|s|[kMG]i?B|%)(?!\w)|^(?: {2}|\t|[#$>+*=-] )/;

/** How much of a line is looked at, in UTF-16 code units. */
const HEAD = 400;

/** The beginnings of a line: the marks of a level, a date with a time, a time with seconds, seconds since 1970. */
const LEVEL = "trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|panic|alert|emerg";
const TIME = String.raw`\d\d:\d\d:\d\d(?:[.,]\d+)?`;
const PATTERNS: readonly RegExp[] = [
  // Colours of terminals.
  /[\u001b\u241b]\[[\d;]*m/,
  // 2026-11-26T10:43:15Z, 2026/11/26 10:43:15, [26/Nov/2026:10:43:15 +0000], 10:43:15.123
  new RegExp(String.raw`^\W{0,2}(?:\w{3},? )?\d{4}[-/.]\d\d[-/.]\d\d[T ,]+${TIME}`),
  new RegExp(String.raw`^\W{0,2}${TIME}(?:[\s\])|Z]|$)`),
  new RegExp(String.raw`^\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:${TIME}`),
  // Nov 26 10:43:15 host program[123]: of syslog and journald.
  new RegExp(String.raw`^(?:<\d{1,3}>\d? ?)?[A-Z]\w{2} [ \d]\d ${TIME} `),
  // 1:M 26 Nov 2026 10:43:15.130 of Redis.
  new RegExp(String.raw`^(?:\S+ )?\d\d? [A-Z]\w{2} \d{4},? ${TIME}`),
  /^\[?\d{10}(?:\.\d+|\d{3})\b/,
  // [INFO], INFO:, INFO text, level=info
  new RegExp(String.raw`^\W{0,2}(?:${LEVEL.toUpperCase()})(?:[\]):|]|\s{1,5}[\w[({:"'./-])`),
  new RegExp(String.raw`^\[(?:${LEVEL})\]`, "i"),
  new RegExp(String.raw`\b(?:level|lvl|severity)="?(?:${LEVEL})\b`, "i"),
  /^[IWEF]\d{4} \d\d:\d\d:\d\d/,
  // Three pairs of logfmt.
  /(?:^|\s)[\w.@-]+=(?:"[^"]*"|[^\s"]+)\s+[\w.@-]+=(?:"[^"]*"|[^\s"]+)\s+[\w.@-]+=\S/,
  // Results of tests.
  /^\s*(?:(?:not )?ok \d+\b|(?:PASS|FAIL|SKIP)\s+\S+[./]\S|--- (?:PASS|FAIL|SKIP): |=== RUN\s|\((?:pass|fail|skip)\) |test \S+ \.\.\. |[✓✔✗✘✖×] .+(?:\(\d|\[\d))/,
  // HTTP requests.
  /"?(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/\S* (?:HTTP\/|\d{3}\b)/,
];

/** Lines that belong to the one before: of a stack, of a block that is indented. */
const CONTINUED = /^(?:\t| {2,}|\s*at \S+[.(]|\s*File "|Caused by: |\s*\.\.\. \d+ more|Traceback )/;

/** Reports whether these messages, the oldest first, look like a log's. */
export function looksLikeLog(messages: readonly Sample[]): boolean {
  const newest = messages.slice(-SAMPLES);
  // Somebody is writing here.
  if (newest.length < MIN_SAMPLES || newest.some(({ own }) => own)) return false;
  const first = newest.filter(({ text }) => !CONTINUED.test(text));
  const like = first.filter(isLine);
  if (first.length > 0 && like.length >= 2 && like.length >= SHARE * first.length) return true;
  return isTooFast(newest);
}

/** Messages that were looked at already: most are, each time one is added. */
const known = new WeakMap<Sample, boolean>();

function isLine(message: Sample): boolean {
  const before = known.get(message);
  if (before !== undefined) return before;
  const found = looksLikeLine(message.text);
  known.set(message, found);
  return found;
}

function looksLikeLine(text: string): boolean {
  const head = text.slice(0, HEAD);
  return isJson(text) || PATTERNS.some((pattern) => pattern.test(head));
}

/** An object with more than one member. */
function isJson(text: string): boolean {
  const whole = text.trim();
  return (
    whole.startsWith("{") && whole.endsWith("}") && /^\{\s*"/.test(whole) && whole.split('":').length > 2
  );
}

function isTooFast(messages: readonly Sample[]): boolean {
  const [first] = messages;
  if (first === undefined || messages.length < MIN_FAST) return false;
  if (messages.some(({ name }) => name !== first.name)) return false;
  if (median(messages.map(({ text }) => text.length)) > SHORT) return false;
  if (messages.filter(({ text }) => TECHNICAL.test(text)).length < FAST_SHARE * messages.length) return false;
  const times = messages.map(({ time }) => time.getTime());
  return median(times.slice(1).map((time, i) => time - (times[i] ?? 0))) < FAST;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
