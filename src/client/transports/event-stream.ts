/** Parses `text/event-stream` (WHATWG HTML §9.2.6), from pieces that may be cut anywhere. The decoder removes the byte order mark. */
export class EventStreamParser {
  #buffer = "";
  /** The last piece ended with a CR; an LF that follows belongs to it. */
  #afterReturn = false;
  #type = "";
  #data = "";
  readonly #event: (type: string, data: string) => void;
  readonly #retry: (milliseconds: number) => void;

  /** `event` is called with the type (`message` unless it is named) and the data, `retry` with the reconnection time. Ids are not used. */
  constructor(event: (type: string, data: string) => void, retry: (milliseconds: number) => void) {
    this.#event = event;
    this.#retry = retry;
  }

  push(piece: string): void {
    if (piece === "") return;
    const text = this.#buffer + (this.#afterReturn && piece.startsWith("\n") ? piece.slice(1) : piece);
    // The rest of earlier pieces has no end of line.
    const ends = /\r\n?|\n/g;
    ends.lastIndex = this.#buffer.length;
    let start = 0;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#line(text.slice(start, end.index));
      start = ends.lastIndex;
    }
    this.#buffer = text.slice(start);
    this.#afterReturn = piece.endsWith("\r");
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === -1) this.#field(line, "");
    else if (colon > 0)
      this.#field(line.slice(0, colon), line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1));
  }

  #field(name: string, value: string): void {
    if (name === "data") this.#data += `${value}\n`;
    else if (name === "event") this.#type = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.#retry(Number(value));
  }

  #dispatch(): void {
    const type = this.#type;
    const data = this.#data;
    this.#type = "";
    this.#data = "";
    if (data !== "") this.#event(type || "message", data.slice(0, -1));
  }
}
