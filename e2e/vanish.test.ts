// A listener whose machine disappears sends neither FIN nor reset. Tested with a listener in a network namespace whose virtual
// cable is cut.
import { afterAll, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import type { WireEvent } from "../src/protocol/message.ts";
import { SocketClient } from "../test-support/clients.ts";
import { canTestNetworks, Network } from "../test-support/network.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

const LISTENER = fileURLToPath(import.meta.resolve("./fixtures/listener.ts"));

/** The heartbeat interval (25 s), its timeout (8 s) and a tick of the server, doubled for a busy machine. */
const TIMEOUT = 75_000;

/** Also runs if the test times out. */
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());
afterAll(expectNoProcessLeft);

test.skipIf(!canTestNetworks("vanished listeners"))(
  "a listener that vanishes is dropped after the next heartbeat: WebSocket and server-sent events",
  async () => {
    const network = cleanUp.use(new Network());
    await using server = await ServerProcess.start();
    // On separate streams: an event about the loss of one would be sent to the other, and so reveal that it is dead too.
    await using socket = await Witness.open(server, "socket");
    await using events = await Witness.open(server, "events");
    const address = `http://${network.here}:${server.port}`;
    const listener = network.run(process.execPath, LISTENER, address);
    await firstLine(listener.stdout);

    // From here on only heartbeats are sent to them.
    network.cut();
    await Promise.all([socket.seesVanish(), events.seesVanish()]);
  },
  TIMEOUT,
);

/** Receives presence events of a stream on this side of the cable. */
class Witness implements AsyncDisposable {
  private readonly socket: SocketClient;

  private constructor(socket: SocketClient) {
    this.socket = socket;
  }

  static async open(server: ServerProcess, stream: string): Promise<Witness> {
    return new Witness(await SocketClient.open(`http://127.0.0.1:${server.port}`, stream));
  }

  /** Resolves when it is announced as the only listener left. */
  async seesVanish(): Promise<void> {
    const { Observers, People } = (await this.socket.next(
      (frame) => frame.Type === "event" && frame.Text === "close",
    )) as WireEvent;
    expect({ Observers, People }).toEqual({ Observers: 1, People: [{ Name: "Ada", Status: "offline" }] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }
}

async function firstLine(output: ReadableStream<Uint8Array>): Promise<void> {
  const { value } = await output.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("listening\n");
}
