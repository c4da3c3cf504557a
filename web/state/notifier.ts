import { signal } from "@preact/signals";

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

  /** Shows a text, replacing the previous notification of the stream. */
  async notify(stream: string, body: string | undefined, title = stream): Promise<void> {
    if (!this.on.peek() || !document.hidden || body === undefined) return;
    // Phones allow notifications from service workers only.
    const worker = await navigator.serviceWorker?.getRegistration();
    await worker?.showNotification(title, { body, tag: stream, icon: "/icon-192.png" });
  }
}
