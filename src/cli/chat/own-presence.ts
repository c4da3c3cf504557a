import type { PresenceInfo } from "../../client/index.ts";

/** How long a user is shown as typing after the last key, in milliseconds. */
const PAUSE = 4000;

/** Shows others under which name the user is here, and whether the user is typing. */
export class OwnPresence implements Disposable {
  private readonly show: (person: PresenceInfo) => void;
  private name: string | undefined;
  private isTyping = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(show: (person: PresenceInfo) => void) {
    this.show = show;
  }

  rename(name: string | undefined): void {
    this.name = name;
    this.tell();
  }

  /** The user typed, or sent what was typed. */
  typed(isTyping: boolean): void {
    clearTimeout(this.timer);
    if (isTyping) this.timer = setTimeout(() => this.typed(false), PAUSE);
    if (isTyping === this.isTyping) return;
    this.isTyping = isTyping;
    this.tell();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
  }

  private tell(): void {
    // Without a name, there is nobody to have a status.
    if (this.name === undefined) this.show({});
    else this.show({ name: this.name, status: this.isTyping ? "typing" : "online" });
  }
}
