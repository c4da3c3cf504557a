import type { WireMessage } from "../protocol/message.ts";

/**
 * Missing messages: all after `from` and before `to`, in nanoseconds since 1970. `from` is "0" if the reader's cursor was another
 * server's, so it is unknown what was missed before `to`.
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
  /** Who says they sent it, as the server tells it. Proves nothing: anyone can use any name. */
  readonly name?: string;
  /** Nanoseconds since 1970. Strictly increasing within a stream of one server. */
  readonly created: string;
  /** The cursor of this message, `<created>-<server>`, for `since` and `last`. */
  readonly cursor: string;
  readonly time: Date;
  readonly stream: string;
  /** Whether it was sent through this `Malten`. Known for the last 8192 messages sent. */
  readonly own: boolean;
  /** Messages missing just before this one, if any. */
  readonly gap?: Gap;
}

/** `server` is the one that numbered the message. */
export function readMessage(
  { Id, Text, Created, Stream, Name }: WireMessage,
  server: string,
  own = false,
): Message {
  return {
    id: Id,
    text: Text,
    created: Created,
    cursor: `${Created}-${server}`,
    time: new Date(Number(Created.slice(0, -6))),
    stream: Stream,
    own,
    ...(Name && { name: Name }),
  };
}

/** Returns the message with the gap before it, if any. */
export function withGap(message: Message, gap: Gap | undefined): Message {
  return gap ? { ...message, gap } : message;
}

/** Reads the header `Malten-Gap`: the messages missing before a page. */
export function parseGap(header: string | null): Gap | undefined {
  const [, from, to] = /^(\d{1,20})-(\d{1,20})$/.exec(header ?? "") ?? [];
  return from && to ? { from, to } : undefined;
}
