import type { WireMessage } from "../protocol/message.ts";

/**
 * Missing messages: all after `from` and before `to`, in nanoseconds since 1970. `from` is "0" where the reader's cursor was of
 * another server, so that nothing is known of what came before `to`.
 */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

/** A message of a stream. */
export interface Message {
  /** Opaque, unique across servers. */
  readonly id: string;
  readonly text: string;
  /** Nanoseconds since 1970. Strictly increasing within a stream of one server. */
  readonly created: string;
  /** The place of this message, `<created>-<server>`: what `since` and `last` take. */
  readonly cursor: string;
  readonly time: Date;
  readonly stream: string;
  /** Whether it was sent through this `Malten`, as far as the 8192 messages that were sent last. */
  readonly own: boolean;
  /** What is missing just before this message; absent where nothing is. */
  readonly gap?: Gap;
}

/** `server` is the one that numbered the message. */
export function readMessage(
  { Id, Text, Created, Stream }: WireMessage,
  server: string,
  own: boolean,
): Message {
  return {
    id: Id,
    text: Text,
    created: Created,
    cursor: `${Created}-${server}`,
    time: new Date(Number(Created.slice(0, -6))),
    stream: Stream,
    own,
  };
}

/** The message with what is missing before it, if anything is. */
export function withGap(message: Message, gap: Gap | undefined): Message {
  return gap ? { ...message, gap } : message;
}

/** Reads the header `Malten-Gap`: what is missing before the first message of a page. */
export function parseGap(header: string | null): Gap | undefined {
  const [from, to] = (header ?? "").split("-");
  return from && to ? { from, to } : undefined;
}
