import type { EncryptedEvent, EncryptedMessage, Warning } from "../client/encrypted/index.ts";
import type { Gap, Message, StreamEvent } from "../client/index.ts";
import { lowerCased } from "./explain.ts";
import { clockTime, timeOf } from "./clock.ts";
import { isolated, join, json, plain, visible, type Plain } from "./plain.ts";
import type { Output } from "./output.ts";
import type { Session } from "./session.ts";

/** Findings that take an earlier warning back. */
const RETRACTIONS: readonly string[] = ["voided"];

type AnyEvent = StreamEvent | EncryptedEvent;

/** All but those that say how long the stream lives: nobody follows a stream for them. */
type Event = Exclude<AnyEvent, { type: "welcome" | "created" }>;

/** Prints an event; resolves when there is room for the next. */
type Print = (event: AnyEvent) => Promise<void>;

/** Returns the printer for JSON, a pipe or a terminal. */
export function printer(asJson: boolean, session: Session): Print {
  const print = printerOf(asJson, session);
  return async (event) => {
    if (event.type !== "welcome" && event.type !== "created") await print(event);
  };
}

function printerOf(asJson: boolean, { output, errors }: Session): (event: Event) => Promise<void> {
  if (asJson) return (event) => output.line(json(record(event)));
  const message = output.isTerminal
    ? (received: Message | EncryptedMessage) => output.line(chatLine(received, new Date(), output))
    : ({ text }: Message) => output.verbatim(text);
  return async (event) => {
    if (event.type === "message") {
      if (errors.isTerminal) await reportNewSender(event.message, errors);
      await message(event.message);
    } else if (event.type === "warning") await errors.line(suspicion(event));
    else if (event.type === "gap") await errors.line(gapWarning(event.gap, new Date()));
    // In a pipeline, it is not what people wait for.
    else if (errors.isTerminal && (event.type !== "presence" || output.isTerminal))
      await errors.line(errors.dim(description(event)));
  };
}

/** Flat, so that `jq .text` works. */
function record(event: Event): object {
  if (event.type === "message") return { type: event.type, ...event.message };
  if (event.type === "gap") return { type: event.type, ...event.gap };
  return event;
}

/** Formats a message: the time, the sender if it is known, then the lines of the text, indented. */
function chatLine(message: Message | EncryptedMessage, now: Date, output: Output): Plain {
  const clock = clockTime(message.time, now);
  const [first, ...rest] = message.text.split("\n").map(isolated);
  const indent = " ".repeat(clock.length);
  const author = "sender" in message ? plain`${signature(message, output)} ` : "";
  return join(
    [
      plain`${output.dim(plain`${clock}`)} ${author}${first ?? ""}`,
      ...rest.map((line) => plain`${indent} ${line}`),
    ],
    "\n",
  );
}

/** The name, which anyone can use, and the pseudonym, which only one program has. */
function signature({ name, sender }: EncryptedMessage, output: Output): Plain {
  const id = output.dim(plain`(${sender.id})`);
  return name === undefined ? id : plain`${isolated(visible(name))} ${id}`;
}

async function reportNewSender(message: Message | EncryptedMessage, errors: Output): Promise<void> {
  if ("sender" in message && message.sender.isNew)
    await errors.line(errors.dim(plain`new sender: ${signature(message, errors)}`));
}

/** What an honest server does not do. */
function suspicion({ code, text, sender, count }: Warning): Plain {
  const kind = RETRACTIONS.includes(code) ? "note" : "warning";
  const about = [
    ...(count === undefined || count === 1 ? [] : [plain`${count} messages`]),
    ...(sender === undefined ? [] : [plain`sender ${sender}`]),
  ];
  const details = about.length === 0 ? "" : plain` (${join(about, ", ")})`;
  return plain`${kind}: ${lowerCased(text)}${details}`;
}

/** Says "may be missing" because a server that restarted does not know. */
function gapWarning({ from, to }: Gap, now: Date): Plain {
  const end = clockTime(timeOf(to), now);
  return from === "0"
    ? plain`warning: some messages before ${end} may be missing`
    : plain`warning: some messages between ${clockTime(timeOf(from), now)} and ${end} may be missing`;
}

function description(event: Exclude<Event, { type: "message" | "gap" | "warning" }>): Plain {
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
