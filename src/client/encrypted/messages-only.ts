import type { Gap } from "../message.ts";
import type { EncryptedEvent, EncryptedMessage, Warning } from "./types.ts";

/** Warnings kept for the next message. */
const MAX_WARNINGS = 64;

/** Picks the messages, each with the gap and the warnings before it. */
export function messagesOnly(): (event: EncryptedEvent) => EncryptedMessage[] {
  let gap: Gap | undefined;
  let warnings: Warning[] = [];
  return (event) => {
    if (event.type === "gap") gap = { ...event.gap, from: (gap ?? event.gap).from };
    if (event.type === "warning" && warnings.length < MAX_WARNINGS) warnings.push(event);
    if (event.type !== "message") return [];
    const message = {
      ...event.message,
      ...(gap && { gap }),
      ...(warnings.length > 0 && { warnings }),
    };
    gap = undefined;
    warnings = [];
    return [message];
  };
}
