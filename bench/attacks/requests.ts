/** @param target path and query */
export function request(method: string, target: string, headers: string): string {
  const length = method === "POST" ? "Content-Length: 0\r\n" : "";
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}${length}\r\n`;
}

/** Publishes a text of any characters, which would be longer in a URL. */
export function publish(stream: string, text: string, headers: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([
    Buffer.from(
      `POST /messages?stream=${stream} HTTP/1.1\r\nHost: localhost\r\n${headers}` +
        `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ]);
}

/** A stream name of the greatest length. */
export function longName(prefix: string, number: number): string {
  return `${prefix}${number}-`.padEnd(64, "x");
}

/** The longest texts, by the bytes of each character. */
export const ASCII = "a".repeat(1024);
export const EMOJI = "😀".repeat(1024);
