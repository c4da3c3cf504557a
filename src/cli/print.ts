import type { Gap, Message, StreamEvent } from "../client/index.ts";
import { clockTime, timeOf } from "./clock.ts";
import { isolated, join, json, plain, visible, type Plain } from "./plain.ts";
import type { Output } from "./output.ts";
import type { Session } from "./session.ts";

/** Prints an event; resolves when there is room for the next. */
type Print = (event: StreamEvent) => Promise<void>;

/** Returns the printer for JSON, a pipe or a terminal. */
export function printer(asJson: boolean, { output, errors }: Session): Print {
  if (asJson) return (event) => output.line(json(record(event)));
  const message = output.isTerminal
    ? ({ time, text }: Message) => output.line(chatLine(clockTime(time, new Date()), text, output))
    : ({ text }: Message) => output.verbatim(text);
  return async (event) => {
    if (event.type === "message") await message(event.message);
    else if (event.type === "gap") await errors.line(gapWarning(event.gap, new Date()));
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
function chatLine(clock: string, text: string, output: Output): Plain {
  const [first, ...rest] = text.split("\n").map(isolated);
  const indent = " ".repeat(clock.length);
  return join(
    [plain`${output.dim(plain`${clock}`)} ${first ?? ""}`, ...rest.map((line) => plain`${indent} ${line}`)],
    "\n",
  );
}

/** Says "may be missing" because a server that restarted does not know. */
function gapWarning({ from, to }: Gap, now: Date): Plain {
  const end = clockTime(timeOf(to), now);
  return from === "0"
    ? plain`warning: some messages before ${end} may be missing`
    : plain`warning: some messages between ${clockTime(timeOf(from), now)} and ${end} may be missing`;
}

function description(event: Exclude<StreamEvent, { type: "message" | "gap" }>): Plain {
  switch (event.type) {
    case "presence": {
      const people = event.people.map(({ name, status }) => plain`${isolated(visible(name))} is ${status}`);
      if (event.more > 0) people.push(plain`${event.more} more changed`);
      return join([plain`${event.observers} listening`, ...people], ", ");
    }
    case "expiring":
      return plain`stream expires in ${event.seconds} s unless a message arrives`;
    case "ended":
      return event.reason === "owner" ? plain`stream deleted by its owner` : plain`stream expired`;
  }
}
