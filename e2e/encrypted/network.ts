// A server, and clients that reach it through proxies of their own.
import { afterAll, afterEach, beforeAll } from "bun:test";
import { Malten } from "../../src/client/index.ts";
import type { EncryptedEvent, EncryptedStream } from "../../src/client/encrypted/index.ts";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";
import { TamperingProxy } from "./tampering-proxy.ts";

const ARGS = ["--port", "0", "--rate-limit", "0", "--byte-rate", "0"];

/** What is closed after a test. */
const opened: (AsyncDisposable | { close(): void })[] = [];

/** A server for all tests of a file. */
export function hostileSuite(): () => ServerProcess {
  let server: ServerProcess | undefined;

  beforeAll(async () => {
    server = await ServerProcess.start({ args: ARGS });
  });

  closeAfterEach();

  afterAll(async () => {
    await server?.stop();
    await expectNoProcessLeft();
  });

  return () => {
    if (!server) throw new Error("the server is started before the first test");
    return server;
  };
}

/** For files without {@link hostileSuite}. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed())
      await ("close" in one ? one.close() : one[Symbol.asyncDispose]());
  });
}

/** Closes it after the test. */
export function closing<T extends AsyncDisposable | { close(): void }>(one: T): T {
  opened.push(one);
  return one;
}

/** A proxy in front of the server, which ends with the test. */
export function proxyOf(server: ServerProcess): TamperingProxy {
  return closing(new TamperingProxy(server.url.origin));
}

/** An SDK behind a proxy. */
export function clientOf(
  { url }: TamperingProxy,
  transport: "websocket" | "sse" | "poll" = "websocket",
): Malten {
  return closing(new Malten(url, { transports: [transport] }));
}

/** Reads events one after the other. */
export class Listener {
  private readonly events: AsyncIterableIterator<EncryptedEvent, undefined>;

  /** Resolves once it is live: nothing that is published from then on is missed. */
  static async of(stream: EncryptedStream, since?: string): Promise<Listener> {
    const listener = new Listener(stream.events({ since }));
    await becomes(stream, "live");
    return listener;
  }

  private constructor(events: AsyncIterableIterator<EncryptedEvent, undefined>) {
    this.events = events;
  }

  /** The next event of presence with this number of listeners. */
  async presence(observers: number): Promise<EncryptedEvent> {
    for (;;) {
      const { value } = await this.events.next();
      if (!value) throw new Error("it ended");
      if (value.type === "presence" && value.observers === observers) return value;
    }
  }

  /** What the user sees until a message with this text: texts of messages, codes of warnings in brackets, `[gap]`. */
  async until(text: string): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const { value } = await this.events.next();
      if (!value) throw new Error(`it ended after ${seen.join(", ")}`);
      if (value.type === "message") seen.push(value.message.text);
      if (value.type === "warning") seen.push(`[${value.code}]`);
      if (value.type === "gap") seen.push("[gap]");
      if (value.type === "message" && value.message.text === text) return seen;
    }
  }
}

/** Resolves when the stream is in this state. */
export function becomes(stream: EncryptedStream, kind: EncryptedStream["state"]["kind"]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.state.kind === kind) resolve();
    };
    stream.onState(look);
    look();
  });
}
