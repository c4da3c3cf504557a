/**
 * Parses `text/event-stream` (WHATWG HTML §9.2.6), from pieces that may be cut anywhere. The decoder removes the byte order mark.
 * Names and ids are not read: Malten's events have no names, and what their ids say is in their data.
 */
export function parseEventStream(
  onData: (data: string) => void,
  retry: (milliseconds: number) => void,
): (piece: string) => void {
  /** A line that has no end yet. */
  let rest = "";
  let data = "";
  return (piece) => {
    // An LF may follow a CR that ends the piece.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, name, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (name === "data") data += `${value}\n`;
      else if (name === "retry" && /^\d+$/.test(value)) retry(Number(value));
      if (line || !data) continue;
      onData(data.slice(0, -1));
      data = "";
    }
  };
}
