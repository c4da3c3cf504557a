import { signal } from "@preact/signals";
import type { MessageEntry } from "./entry.ts";

/** Tells of messages while the page is hidden, once somebody has chosen so: for as long as the page is open. */
export class Notifier {
  readonly on = signal(false);
  /** The browser was asked and said no. */
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

  /** The newest message stands for all. */
  async tell(stream: string, messages: readonly MessageEntry[]): Promise<void> {
    const newest = messages.at(-1);
    if (!this.on.peek() || !document.hidden || newest === undefined) return;
    // On phones, only a service worker may notify; and its tag replaces the one before.
    const worker = await navigator.serviceWorker?.getRegistration();
    const options = { body: newest.text, tag: stream, icon: "/icon-192.png" };
    await worker?.showNotification(stream, options);
  }
}
