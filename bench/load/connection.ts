import type { Socket } from "bun";

/** Handles the events of a connection. */
export interface Reader {
  read(chunk: Buffer): void;
  drained?(): void;
  closed?(): void;
}

/** Connections opened concurrently: more would overflow the server's accept queue and wait for a SYN retry. */
const CONCURRENT_CONNECTS = 128;

/** Opens a connection to a server, by default on this machine. */
export function connect<R extends Reader>(
  port: number,
  reader: R,
  hostname = "127.0.0.1",
): Promise<Socket<R>> {
  return Bun.connect<R>({
    hostname,
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
      // Exceptions thrown by a reader arrive here and would otherwise be lost.
      error: (_, error) => {
        console.error(error);
        process.exit(1);
      },
    },
  });
}

/** Runs `open(0)` to `open(count - 1)` with limited concurrency. Returns the results in that order. */
export async function openAll<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      opened[index] = await open(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, CONCURRENT_CONNECTS) }, worker));
  return opened;
}
