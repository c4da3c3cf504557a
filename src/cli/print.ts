import type { Gap, Message, StreamEvent } from "../client/index.ts";
import { clockTime, timeOf } from "./clock.ts";
import { isolated, json, visible } from "./plain.ts";
import type { Output } from "./output.ts";
import type { Session } from "./session.ts";

/** Prints an event; resolves when there is room for the next. */
type Print = (event: StreamEvent) => Promise<void>;

/** Returns the printer for JSON, a pipe or a terminal. */
export function printer(asJson: boolean, { output, errors }: Session): Print {
  if (asJson) return (event) => output.line(json(record(event)));
  const message = output.isTerminal
    ? ({ time, text }: Message) => output.line(chatLine(clockTime(time, new Date()), text, output))
    : ({ text }: Message) => output.line(visible(text));
  return async (event) => {
    if (event.type === "message") await message(event.message);
    else if (event.type === "gap") await errors.line(`warning: ${gapWarning(event.gap, new Date())}`);
    else if (errors.isTerminal) await errors.line(errors.dim(description(event)));
  };
}

/** Flat, so that `jq .text` works. */
function record(event: StreamEvent): object {
  if (event.type === "message") return { type: event.type, ...event.message };
  if (event.type === "gap") return { type: event.type, ...event.gap };
  return event;
}

/** Formats a message: the time, then the lines of the text, indented. */
function chatLine(clock: string, text: string, output: Output): string {
  const [first = "", ...rest] = text.split("\n").map(isolated);
  const indent = " ".repeat(clock.length);
  return [`${output.dim(clock)} ${first}`, ...rest.map((line) => `${indent} ${line}`)].join("\n");
}

/** Says "may be missing" because a server that restarted does not know. */
function gapWarning({ from, to }: Gap, now: Date): string {
  const end = clockTime(timeOf(to), now);
  return from === "0"
    ? `some messages before ${end} may be missing`
    : `some messages between ${clockTime(timeOf(from), now)} and ${end} may be missing`;
}

function description(event: Exclude<StreamEvent, { type: "message" | "gap" }>): string {
  switch (event.type) {
    case "presence": {
      const people = event.people.map(({ name, status }) => `${isolated(name)} is ${status}`);
      if (event.more > 0) people.push(`${event.more} more changed`);
      return [`${event.observers} listening`, ...people].join(", ");
    }
    case "expiring":
      return `stream expires in ${event.seconds} s unless a message arrives`;
    case "ended":
      return event.reason === "owner" ? "stream deleted by its owner" : "stream expired";
  }
}
