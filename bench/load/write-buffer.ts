import type { Socket } from "bun";
import type { Reader } from "./connection.ts";
import type { Template } from "./template.ts";

/** Bytes. */
const CAPACITY = 1 << 20;

/** Collects requests and sends them in one write. */
export class WriteBuffer {
  private readonly bytes = Buffer.allocUnsafe(CAPACITY);
  private end = 0;
  private readonly socket: Socket<Reader>;

  constructor(socket: Socket<Reader>) {
    this.socket = socket;
  }

  hasSpaceFor(template: Template): boolean {
    return this.end + template.bytes.length <= CAPACITY;
  }

  add(template: Template, stream: number, microseconds: number): void {
    this.end = template.write(this.bytes, this.end, stream, microseconds);
  }

  /** Writes as much as the socket accepts and keeps the rest for the next call. @throws when the connection is closed */
  flush(): void {
    if (this.end === 0) return;
    const written = this.socket.write(this.bytes, 0, this.end);
    if (written < 0) throw new Error("the server closed the publisher's connection");
    this.bytes.copyWithin(0, written, this.end);
    this.end -= written;
  }
}
