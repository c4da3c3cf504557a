/**
 * Parses `text/event-stream` (WHATWG HTML §9.2.6), from pieces that may be cut anywhere. The decoder removes the byte order mark.
 * Names and ids are not read: Malten's events have no names, and what their ids say is in their data.
 */
export class EventStreamParser {
  /** A line that has no end yet. */
  #rest = "";
  #data = "";
  readonly #onData: (data: string) => void;
  readonly #retry: (milliseconds: number) => void;

  constructor(onData: (data: string) => void, retry: (milliseconds: number) => void) {
    this.#onData = onData;
    this.#retry = retry;
  }

  push(piece: string): void {
    // An LF may follow a CR that ends the piece.
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const [, name, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "data") this.#data += `${value}\n`;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.#retry(Number(value));
    if (line !== "" || this.#data === "") return;
    this.#onData(this.#data.slice(0, -1));
    this.#data = "";
  }
}
