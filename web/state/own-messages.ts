import { keepForTab, readJsonOfTab } from "./tab-storage.ts";

/** The key in `sessionStorage`. */
const KEY = "malten.own-messages";

/** Ids that are kept; of more messages, the oldest look like others' after a reload. */
const MAX_IDS = 1024;

/** The ids of the messages that were sent in this tab, so that they are the user's own after a reload, too. */
export class OwnMessages {
  private readonly ids: Set<string>;

  constructor() {
    const kept = readJsonOfTab(KEY);
    const ids: unknown[] = Array.isArray(kept) ? kept : [];
    this.ids = new Set(ids.filter((id) => typeof id === "string").slice(-MAX_IDS));
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    if (this.ids.has(id)) return;
    this.ids.add(id);
    const ids = [...this.ids];
    for (const oldest of ids.slice(0, -MAX_IDS)) this.ids.delete(oldest);
    keepForTab(KEY, JSON.stringify([...this.ids]));
  }
}
