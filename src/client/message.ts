import type { WireMessage } from "../protocol/message.ts";

/** What is missing: all after `from` and before `to`, in nanoseconds since 1970. From "0" where the server is not the one of before. */
export interface Gap {
  readonly from: string;
  readonly to: string;
}

/** A message of a stream. */
export interface Message {
  /** Opaque, unique across servers. */
  readonly id: string;
  readonly text: string;
  /** Nanoseconds since 1970: the cursor of this message, for `since` and `last`. Strictly increasing within a server. */
  readonly created: string;
  readonly time: Date;
  readonly stream: string;
  /** What is missing just before this message; absent where nothing is. */
  readonly gap?: Gap;
}

export function readMessage({ Id, Text, Created, Stream }: WireMessage): Message {
  return {
    id: Id,
    text: Text,
    created: Created,
    time: new Date(Number(Created.slice(0, -6))),
    stream: Stream,
  };
}

/** With what is missing before it, if anything is. */
export function withGap(message: Message, gap: Gap | undefined): Message {
  return gap ? { ...message, gap } : message;
}

/** What the answer of `GET /messages` says is missing before it: the header `Malten-Gap`. */
export function gapBetween(header: string | null): Gap | undefined {
  const [from, to] = (header ?? "").split("-");
  return from && to ? { from, to } : undefined;
}
