/** How long an answer may pause before the connection is closed, in milliseconds. A live response never ends by itself. */
const QUIET = 15;

/** How long to wait for a first byte. Some cases get no answer: a request without its end, or a long poll. */
const SILENCE = 40;

/** Sends the pieces of a case one after the other. Returns everything that came back until the server closed or fell silent. */
export async function exchange(port: number, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const received: Buffer[] = [];
  const ended = Promise.withResolvers<void>();
  const quiet = new QuietTimer(ended.resolve);
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      binaryType: "buffer",
      data: (_, bytes) => {
        received.push(Buffer.from(bytes));
        quiet.restart(QUIET);
      },
      close: () => ended.resolve(),
      error: () => ended.resolve(),
    },
  });
  for (const piece of pieces) {
    socket.write(piece);
    if (pieces.length > 1) await new Promise(setImmediate);
  }
  quiet.restart(SILENCE);
  await ended.promise;
  quiet.stop();
  socket.terminate();
  return Buffer.concat(received);
}

class QuietTimer {
  private timer: Timer | undefined;
  private readonly expired: () => void;

  constructor(expired: () => void) {
    this.expired = expired;
  }

  restart(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.expired, milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
