import type { MessageEntry } from "../state/entry.ts";
import { plainText } from "./export.ts";

/** The messages of these rows that are in the log, in their order. */
function messagesOf(rows: readonly HTMLElement[], messages: readonly MessageEntry[]): MessageEntry[] {
  const keys = new Set(rows.map((row) => row.dataset["key"]));
  return messages.filter(({ key }) => keys.has(key));
}

/** The rows that the selection touches. */
function selectedRows(log: HTMLElement): HTMLElement[] {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed) return [];
  return [...log.querySelectorAll<HTMLElement>("[data-key]:not([hidden])")].filter((row) =>
    selection.containsNode(row, true),
  );
}

/** The messages that are selected, if there is more than one: a part of one is copied as it is seen. */
export function selectedMessages(log: HTMLElement, messages: readonly MessageEntry[]): MessageEntry[] {
  const rows = selectedRows(log);
  return rows.length > 1 ? messagesOf(rows, messages) : [];
}

/** The message of the row that has the focus, or around it. */
export function focusedMessage(
  target: EventTarget | null,
  messages: readonly MessageEntry[],
): MessageEntry | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-key]") : null;
  return row === null ? undefined : messagesOf([row], messages)[0];
}

/** Puts the messages that are selected on the clipboard as they came, and not as they are shown. */
export function copyMessages(
  event: ClipboardEvent,
  log: HTMLElement,
  messages: readonly MessageEntry[],
): void {
  const selected = selectedMessages(log, messages);
  const focused = getSelection()?.isCollapsed === false ? undefined : focusedMessage(event.target, messages);
  const copied = focused === undefined ? selected : [focused];
  if (copied.length === 0) return;
  event.clipboardData?.setData("text/plain", plainText(copied));
  event.preventDefault();
}
