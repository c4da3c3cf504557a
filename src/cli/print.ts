import type { EncryptedEvent } from "../client/encrypted/index.ts";
import type { StreamEvent } from "../client/index.ts";
import type { Session } from "./session.ts";
import { json, plain } from "./plain.ts";
import { gapText, Transcript, type Event } from "./transcript.ts";

/** Prints an event; resolves when there is room for the next. */
type Print = (event: StreamEvent | EncryptedEvent) => Promise<void>;

/** Returns the printer for JSON, a pipe or a terminal. */
export function printer(asJson: boolean, session: Session): Print {
  const print = printerOf(asJson, session);
  return async (event) => {
    if (event.type !== "welcome" && event.type !== "created") await print(event);
  };
}

function printerOf(asJson: boolean, { output, errors }: Session): (event: Event) => Promise<void> {
  if (asJson) return (event) => output.line(json(record(event)));
  const now = () => new Date();
  const messages = new Transcript(output, now);
  const notes = new Transcript(errors, now);
  return async (event) => {
    if (event.type === "message") {
      const { message } = event;
      if (errors.isTerminal && "sender" in message && message.sender.isNew)
        await errors.line(notes.newSender(message));
      await (output.isTerminal ? output.line(messages.message(message)) : output.verbatim(message.text));
    } else if (event.type === "warning") await errors.line(notes.warning(event));
    else if (event.type === "gap")
      await errors.line(
        errors.isTerminal ? notes.gap(event.gap) : plain`warning: ${gapText(event.gap, now())}`,
      );
    // In a pipeline, it is not what people wait for.
    else if (errors.isTerminal && (event.type !== "presence" || output.isTerminal))
      await errors.line(notes.event(event));
  };
}

/** Flat, so that `jq .text` works. */
function record(event: Event): object {
  if (event.type === "message") return { type: event.type, ...event.message };
  if (event.type === "gap") return { type: event.type, ...event.gap };
  return event;
}
