// What a structured logger wrote: JSON with a level, a message, and the rest.
import type { Json, JsonObject, Member } from "./json.ts";
import { levelOfName, levelOfNumber, type Level } from "./level.ts";

export interface LogRecord {
  readonly level: Level | undefined;
  readonly message: string | undefined;
  /** Everything else but the time, which the line has already. */
  readonly rest: readonly Member[];
  readonly whole: JsonObject;
}

/** Names of members, in lower case: of pino, bunyan, winston, zap, slog, logback, Serilog, structlog, Python, Docker and journald. */
const LEVELS = ["level", "lvl", "severity", "log.level", "levelname", "@level", "@l", "loglevel", "priority"];
const MESSAGES = ["msg", "message", "@m", "@message", "@mt", "event", "log", "text"];
const TIMES = [
  "time",
  "ts",
  "timestamp",
  "@timestamp",
  "@t",
  "t",
  "datetime",
  "asctime",
  "__realtime_timestamp",
];

export function recordOf(whole: JsonObject): LogRecord {
  const found = { level: pick(whole, LEVELS, levelOf), message: pick(whole, MESSAGES, textOf) };
  const shown: readonly (Member | undefined)[] = [
    found.level?.member,
    found.message?.member,
    ...whole.members.filter(({ name }) => TIMES.includes(name.toLowerCase())),
  ];
  return {
    level: found.level?.value,
    message: found.message?.value,
    rest: whole.members.filter((member) => !shown.includes(member)),
    whole,
  };
}

/** The first member, by the order of the names, of which `read` makes something. */
function pick<T>(
  { members }: JsonObject,
  names: readonly string[],
  read: (value: Json) => T | undefined,
): { member: Member; value: T } | undefined {
  for (const name of names) {
    for (const member of members) {
      const value = member.name.toLowerCase() === name ? read(member.value) : undefined;
      if (value !== undefined) return { member, value };
    }
  }
  return undefined;
}

function levelOf(value: Json): Level | undefined {
  if (value.kind !== "string" && value.kind !== "other") return undefined;
  return (
    levelOfName(value.text) ?? (/^\d{1,3}$/.test(value.text) ? levelOfNumber(Number(value.text)) : undefined)
  );
}

function textOf(value: Json): string | undefined {
  return value.kind === "string" ? value.text : undefined;
}
