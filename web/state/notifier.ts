import { signal } from "@preact/signals";
import type { MessageEntry } from "./entry.ts";

/** Shows notifications of new messages while the page is hidden, if the user has turned them on. A reload turns them off. */
export class Notifier {
  readonly on = signal(false);
  /** The browser denied permission. */
  readonly denied = signal(false);

  async turnOn(): Promise<void> {
    if (!("Notification" in globalThis)) {
      this.denied.value = true;
      return;
    }
    const permission = await Notification.requestPermission();
    this.on.value = permission === "granted";
    this.denied.value = permission === "denied";
  }

  turnOff(): void {
    this.on.value = false;
  }

  /** Shows the newest message, replacing the previous notification. */
  async notify(stream: string, messages: readonly MessageEntry[]): Promise<void> {
    const newest = messages.at(-1);
    if (!this.on.peek() || !document.hidden || newest === undefined) return;
    // Phones allow notifications from service workers only.
    const worker = await navigator.serviceWorker?.getRegistration();
    const options = { body: newest.text, tag: stream, icon: "/icon-192.png" };
    await worker?.showNotification(stream, options);
  }
}
