/** Tells from the number of listeners whether the other end is connected. It does not count while it uses long polls. */
export class PipePeer {
  /** Undefined until it was seen to be. */
  #isConnected: boolean | undefined;

  /** Returns what became of the other end, if that is known to have changed. */
  counted(observers: number): "away" | "back" | undefined {
    const before = this.#isConnected;
    const connected = observers > 1;
    if (connected || before !== undefined) this.#isConnected = connected;
    if (before === undefined || before === connected) return undefined;
    return connected ? "back" : "away";
  }
}
