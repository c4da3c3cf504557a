/** A complete answer to a request. */
export interface Answer {
  readonly status: number;
  /** Whether it has the header `Retry-After`. */
  readonly retryAfter: boolean;
  readonly body: string;
}

const END_OF_HEAD = "\r\n\r\n";

/** Parses the answers on one connection, wherever reads split them. Every answer must have a `Content-Length`. */
export class AnswerParser {
  private rest: Buffer = Buffer.alloc(0);
  private readonly receive: (answer: Answer) => void;

  constructor(receive: (answer: Answer) => void) {
    this.receive = receive;
  }

  read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(END_OF_HEAD, at);
      if (end < 0) break;
      const head = bytes.toString("latin1", at, end);
      const body = end + END_OF_HEAD.length;
      const next = body + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (next > bytes.length) break;
      at = next;
      this.receive({
        status: Number(head.slice(9, 12)),
        retryAfter: /\r\nretry-after:/i.test(head),
        body: bytes.toString("latin1", body, next),
      });
    }
    // The chunk belongs to the runtime, which reuses it.
    this.rest = Buffer.from(bytes.subarray(at));
  }
}

/** The code of a problem, or the status if there is none. */
export function codeOf({ status, body }: { readonly status: number; readonly body: string }): string {
  return /"code":"(\w+)"/.exec(body)?.[1] ?? String(status);
}
