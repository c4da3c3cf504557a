import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { entriesAfter, isHit, type LogLines } from "./log-lines.ts";
import { lineOf } from "./line.ts";
import { texts } from "./texts.ts";

/** How often screen readers are told what came, in milliseconds: nobody can listen to a line every 20. */
const INTERVAL = 4000;

/** How many lines are read out; of more, the number is. */
const FEW = 2;

/** How long the user has stopped typing when the hits are announced, in milliseconds. */
const TYPED = 800;

interface AnnouncerProps {
  readonly session: StreamSession;
  readonly lines: LogLines;
}

/** For screen readers: few lines are read out, of many the number, and how many a filter lets through. */
export function Announcer({ session, lines }: AnnouncerProps): JSX.Element {
  const [said, setSaid] = useState({ count: 0, text: "" });
  const wanted = lines.filter.value;

  useEffect(() => {
    const timer = setTimeout(() => {
      if (!lines.isFiltered.peek()) return;
      const [count, all] = [lines.hitCount.peek(), lines.messages.peek().length];
      setSaid((before) => ({ count: before.count + 1, text: texts().t("hits", { count, all }) }));
    }, TYPED);
    return () => clearTimeout(timer);
  }, [lines, wanted]);

  useEffect(() => {
    let last = lines.entries.peek().at(-1)?.key;
    const timer = setInterval(() => {
      const fresh = entriesAfter(lines.entries.peek(), last);
      last = fresh.at(-1)?.key ?? last;
      const filter = lines.filter.peek();
      const others = fresh
        .filter((entry) => entry.kind === "message")
        .filter((entry) => !entry.own && isHit(entry, filter));
      if (others.length === 0 || session.history.peek() === "loading") return;
      setSaid(({ count }) => ({ count: count + 1, text: announcementOf(others) }));
    }, INTERVAL);
    return () => clearInterval(timer);
  }, [session, lines]);

  return (
    <p class="unseen" role="status">
      {/* Another element each time: the same text is announced again. */}
      <span key={said.count}>{said.text}</span>
    </p>
  );
}

function announcementOf(messages: readonly MessageEntry[]): string {
  if (messages.length > FEW) return texts().t("came", { count: messages.length });
  return messages.map((message) => [message.name, shownText(message)].filter(Boolean).join(": ")).join("\n");
}

function shownText(message: MessageEntry): string {
  return lineOf(message)
    .pieces.map(({ text }) => text)
    .join("");
}
