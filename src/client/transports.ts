/** How a stream is connected to. */
export type TransportName = "websocket" | "sse" | "poll";

/** Which way works here: what one stream found out holds for the others too. */
export class Transports {
  private place = 0;
  private proven = false;
  private readonly names: readonly TransportName[];

  /** `names` in the order in which they are tried. @throws TypeError where none of them exists here */
  constructor(names: readonly TransportName[] = ["websocket", "sse", "poll"]) {
    this.names = names.filter((name) => name !== "websocket" || "WebSocket" in globalThis);
    if (this.names.length === 0) throw new TypeError("None of these transports exists here");
  }

  get current(): TransportName {
    return this.names[this.place] ?? "poll";
  }

  /** A connection of this kind was opened. */
  works(name: TransportName): void {
    this.proven ||= name === this.current;
  }

  /**
   * A connection of this kind could not be opened. Answers whether there is another kind to try at once. What has worked
   * before is given another try: it may be the server that is away.
   */
  fails(name: TransportName, attempts: number): boolean {
    if (name !== this.current) return true;
    if (this.place + 1 === this.names.length || (this.proven && attempts < 2)) return false;
    this.place++;
    this.proven = false;
    return true;
  }

  /** Nothing works at all: that says nothing of the kinds that were tried before. */
  unreachable(): void {
    if (!this.proven) this.place = 0;
  }
}
