import type { EncryptedEvent, EncryptedMessage, Warning } from "../client/encrypted/index.ts";
import type { Gap, Message, StreamEvent } from "../client/index.ts";
import { clockTime, dayOf, isSameDay, timeOf, timeOfDay } from "./clock.ts";
import { lowerCased } from "./explain.ts";
import type { Output } from "./output.ts";
import { isolated, join, plain, visible, visibleLine, type Plain } from "./plain.ts";
import { rule } from "./rule.ts";
import { styled } from "./style.ts";
import { widthOf } from "./width.ts";
import { hanging, wrap } from "./wrap.ts";

/** All events but those that say how long the stream lives: nobody follows a stream for them. */
export type Event = Exclude<StreamEvent | EncryptedEvent, { type: "welcome" | "created" }>;

/** Findings that take an earlier warning back. */
const RETRACTIONS: readonly string[] = ["voided"];

/** An opening bracket, or what looks like one, at the beginning of what is seen. */
const BRACKET = /^[\p{Z}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]*[\p{Ps}\p{Pi}\p{Sm}]/u;

/** Formats what happens to a stream, for people at a terminal. */
export class Transcript {
  private readonly output: Output;
  private readonly now: () => Date;
  private readonly isTalk: boolean;
  /** When the newest message that was formatted was published; at first, now. */
  private last: Date;

  /** @param isTalk the messages are people's: says of each that has no name that it has none */
  constructor(output: Output, now: () => Date, isTalk = false) {
    this.output = output;
    this.now = now;
    this.isTalk = isTalk;
    this.last = now();
  }

  /**
   * The time, the author, then the text. All its rows but the first are indented, also those that are only there because the window ends:
   * no text looks like the line of another message. A rule precedes it if it is of another day than the one before.
   */
  message(message: Message | EncryptedMessage): Plain {
    const clock = plain`${this.output.dim(plain`${timeOfDay(message.time)}`)} `;
    const indent = " ".repeat(widthOf(clock));
    const head = this.hanging(plain`${clock}${this.author(message)}`, indent.length);
    const width = Bun.stringWidth(head.text.slice(head.text.lastIndexOf("\n") + 1));
    const [first = plain``, ...rest] = message.text
      .split("\n")
      .flatMap((line, i) => this.rows(line, i === 0 ? width : indent.length, indent.length));
    const lines = [plain`${head}${first}`, ...rest.map((row) => plain`${indent}${row}`)];
    if (!isSameDay(message.time, this.last)) lines.unshift(this.rule(plain`${dayOf(message.time)}`));
    this.last = message.time;
    return join(lines, "\n");
  }

  /** A message of a sender of whom this is the first one. */
  newSender(message: EncryptedMessage): Plain {
    return this.output.dim(this.hanging(plain`new sender: ${this.signature(message)}`));
  }

  gap(gap: Gap): Plain {
    return this.output.warning(rule(gapText(gap, this.now()), this.output.columns));
  }

  event(event: Exclude<Event, { type: "message" | "gap" | "warning" }>): Plain {
    const words = description(event);
    return event.type === "ended" ? this.rule(words) : this.output.dim(this.hanging(words));
  }

  warning(event: Warning): Plain {
    return this.output.warning(suspicion(event));
  }

  rule(words: Plain): Plain {
    return this.output.dim(rule(words, this.output.columns));
  }

  private hanging(line: Plain, indent?: number): Plain {
    return this.output.isTerminal ? hanging(line, this.output.columns, indent) : line;
  }

  private rows(line: string, first: number, indent: number): Plain[] {
    const { isTerminal, columns, hasColours } = this.output;
    const shown = visibleLine(line);
    const rows = isTerminal ? wrap(shown, { first, indent, columns }) : [shown];
    return styled(rows.map(isolated), hasColours);
  }

  private author(message: Message | EncryptedMessage): Plain {
    if ("sender" in message) return plain`${this.signature(message)}: `;
    if (message.name !== undefined) return plain`${this.name(message.name)}: `;
    if (!this.isTalk) return plain``;
    return plain`${this.output.dim(message.own ? plain`(you)` : plain`(anonymous)`)}: `;
  }

  /** The name, which anyone can use, and the pseudonym, which only one program has. */
  private signature({ name, sender }: EncryptedMessage): Plain {
    const id = this.output.dim(plain`(${sender.id})`);
    return name === undefined ? id : plain`${this.name(name)} ${id}`;
  }

  /** In quotes if it begins as what is not a name does. */
  private name(name: string): Plain {
    const shown = BRACKET.test(name) ? `"${visible(name)}"` : visible(name);
    return this.output.coloured(name, isolated(shown));
  }
}

/** Says "may be missing" because a server that restarted does not know. */
export function gapText({ from, to }: Gap, now: Date): Plain {
  const end = clockTime(timeOf(to), now);
  return from === "0"
    ? plain`some messages before ${end} may be missing`
    : plain`some messages between ${clockTime(timeOf(from), now)} and ${end} may be missing`;
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
