import type { Content } from "../../core/content.ts";
import { messageOf, type Message } from "../../core/message.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { groupOf } from "./groups.ts";
import type { Reply } from "./resp.ts";

/** What the channel of a stream tells. */
export type News =
  | { readonly kind: "message"; readonly created: Cursor; readonly deadline: Cursor; readonly entry: string }
  | { readonly kind: "created"; readonly deadline: Cursor; readonly ttl: number }
  | { readonly kind: "ended"; readonly reason: "idle" | "owner" };

/** Parses a payload of a channel; undefined if it is of no known form. */
export function parseNews(payload: string): News | undefined {
  if (payload.startsWith("message ")) {
    const second = payload.indexOf(" ", 8);
    const third = payload.indexOf(" ", second + 1);
    return {
      kind: "message",
      created: Number(payload.slice(8, second)),
      deadline: Number(payload.slice(second + 1, third)),
      entry: payload.slice(third + 1),
    };
  }
  if (payload.startsWith("created ")) {
    const [, deadline, ttl] = payload.split(" ").map(Number);
    return { kind: "created", deadline: deadline ?? 0, ttl: ttl ?? 0 };
  }
  if (payload === "ended idle") return { kind: "ended", reason: "idle" };
  if (payload === "ended owner") return { kind: "ended", reason: "owner" };
  return undefined;
}

/** Returns the message before this one, also if that belonged to a deleted stream of the same name. */
export function previousOf(entry: string): Cursor {
  return Number(entry.slice(0, entry.indexOf(" ")));
}

/**
 * Returns the id of what was created in a group. Numbers increase within a group: in two of them, the same microsecond may be given
 * out twice.
 */
export function idOf(created: Cursor, group: number, server: string): string {
  return `${created}-${server}.${group.toString(36)}`;
}

/** Makes the message of an entry: `previous nonce\ncontent`. */
export function storedMessage(stream: string, created: Cursor, server: string, entry: string): Message {
  return newMessage(stream, created, server, entry.slice(entry.indexOf("\n") + 1));
}

export function newMessage(stream: string, created: Cursor, server: string, content: Content): Message {
  return messageOf(stream, idOf(created, groupOf(stream), server), created, server, content);
}

/** Makes the messages of entries as `XRANGE` returns them: `[["1795363701902393-0", ["m", entry]], …]`. */
export function messagesOf(stream: string, server: string, entries: Reply | undefined): Message[] {
  if (!Array.isArray(entries)) return [];
  return (entries as readonly Reply[]).flatMap((each) => {
    if (!Array.isArray(each)) return [];
    const [id, fields] = each as readonly Reply[];
    const entry: unknown = Array.isArray(fields) ? fields[1] : undefined;
    if (typeof id !== "string" || typeof entry !== "string") return [];
    return [storedMessage(stream, Number.parseInt(id, 10), server, entry)];
  });
}
