import type { Socket } from "bun";

/** What is done with what a connection brings. */
export interface Reader {
  read(chunk: Buffer): void;
  drained?(): void;
  closed?(): void;
}

/** Connections that are being opened at the same time: more would overflow the server's queue and wait for a second SYN. */
const OPENING_AT_ONCE = 128;

/** A connection to the server under load, on this machine. */
export function connect<R extends Reader>(port: number, reader: R): Promise<Socket<R>> {
  return Bun.connect<R>({
    hostname: "127.0.0.1",
    port,
    data: reader,
    socket: {
      data: (socket, chunk) => {
        socket.data.read(chunk);
      },
      drain: (socket) => {
        socket.data.drained?.();
      },
      close: (socket) => {
        socket.data.closed?.();
      },
      // An exception in a reader comes here, and would otherwise be lost.
      error: (_, error) => {
        console.error(error);
        process.exit(1);
      },
    },
  });
}

/** Runs `open(0)` to `open(count - 1)`, some of them at a time. Answers what they answered, in that order. */
export async function openAll<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      opened[index] = await open(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, OPENING_AT_ONCE) }, worker));
  return opened;
}
