/**
 * Parses `text/event-stream` (WHATWG HTML §9.2.6) from chunks split at any position. The decoder removes the byte order mark.
 * Names and ids are ignored: Malten's events have no names, and their ids are derived from their data.
 */
export function parseEventStream(
  onData: (data: string) => void,
  retry: (milliseconds: number) => void,
): (piece: string) => void {
  /** An unfinished line. */
  let rest = "";
  let data = "";
  return (piece) => {
    // An LF may follow a CR at the end of the chunk.
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
