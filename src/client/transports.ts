/** How a stream is connected to. */
export type TransportName = "websocket" | "sse" | "poll";

/** Which way works here: what one stream found out holds for the others too. */
export class Transports {
  #place = 0;
  /** The one that worked last; none has yet. */
  #best = -1;
  readonly #names: readonly TransportName[];

  /** `names` in the order in which they are tried. @throws TypeError where none of them exists here */
  constructor(names: readonly TransportName[] = ["websocket", "sse", "poll"]) {
    this.#names = names.filter((name) => name !== "websocket" || "WebSocket" in globalThis);
    if (this.#names.length === 0) throw new TypeError("No transport");
  }

  get current(): TransportName {
    return this.#names[this.#place] ?? "poll";
  }

  /** A connection of this kind was opened. */
  works(name: TransportName): void {
    if (name === this.current) this.#best = this.#place;
  }

  /**
   * A connection of this kind could not be opened. Answers whether there is another kind to try at once. What has worked
   * before is given another try: it may be the server that is away.
   */
  fails(name: TransportName, attempts: number): boolean {
    if (name !== this.current) return true;
    if (this.#place + 1 === this.#names.length || (this.#place === this.#best && attempts < 2)) return false;
    this.#place++;
    return true;
  }

  /** Nothing works at all, which says nothing of this kind. */
  unreachable(): void {
    this.#place = Math.max(this.#best, 0);
  }
}
