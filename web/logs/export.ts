import { gapText } from "../components/event-text.tsx";
import type { Language } from "../language/language.ts";
import type { Entry, MessageEntry } from "../state/entry.ts";

/** The messages as they came, one below the other. */
export function plainText(messages: readonly MessageEntry[]): string {
  return messages.map(({ text }) => text).join("\n");
}

interface Shown {
  readonly entries: readonly Entry[];
  readonly times: boolean;
  readonly isHit: (entry: MessageEntry) => boolean;
}

/** What the view shows, as a text file: with times if they are shown, and with names; the messages as they came. */
export function fileText({ entries, times, isHit }: Shown, language: Language): string {
  const lines = entries.flatMap((entry) => {
    if (entry.kind === "gap") return `--- ${gapText(entry, language)}`;
    if (entry.kind !== "message" || !isHit(entry)) return [];
    const { time, name, text } = entry;
    return [...(times ? [time.toISOString()] : []), ...(name === undefined ? [] : [`${name}:`]), text].join(
      " ",
    );
  });
  return `${lines.join("\n")}\n`;
}

/** The name of a file with what a stream shows now. */
export function fileName(stream: string, now: Date): string {
  return `${stream}-${now.toISOString().slice(0, 19).replaceAll(":", "-")}.txt`;
}

/** Lets the browser save a text as a file. It is made here: nothing is asked of the server. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
