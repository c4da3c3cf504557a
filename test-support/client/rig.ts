import { afterAll, afterEach, beforeAll, beforeEach } from "bun:test";
import { pipe, type Pipe } from "../../src/client/encrypted/index.ts";
import { Malten, type TransportName } from "../../src/client/index.ts";
import { expectNoProcessLeft, ServerProcess } from "../process.ts";
import { Network } from "./network.ts";

/** Arguments of a server without limits of rates. */
export const UNLIMITED = ["--rate-limit", "0", "--byte-rate", "0"];

/** A server for the tests of a file, a network between it and its clients for each test, and what a test opens. */
class ClientRig {
  readonly server: ServerProcess;
  readonly network: Network;
  private readonly opened: { close(): void }[] = [];

  constructor(server: ServerProcess, network: Network) {
    this.server = server;
    this.network = network;
  }

  /** A client that connects through {@link network}. */
  client(transport: TransportName = "websocket"): Malten {
    const url = `http://127.0.0.1:${this.network.port}`;
    return this.closing(new Malten(url, { transports: [transport] }));
  }

  /** The two ends of a pipe, which may not have joined yet. */
  async pair(transport?: TransportName): Promise<[one: Pipe, other: Pipe]> {
    const one = this.closing(await pipe.create(this.client(transport)));
    return [one, await this.join(one, transport)];
  }

  /** Joins a pipe with the link of its other end. */
  async join({ link = "" }: Pipe, transport?: TransportName): Promise<Pipe> {
    return this.closing(await pipe.join(link, { malten: this.client(transport) }));
  }

  /** Closes it after the test. */
  closing<T extends { close(): void }>(one: T): T {
    this.opened.push(one);
    return one;
  }

  close(): void {
    for (const one of this.opened) one.close();
    this.network[Symbol.dispose]();
  }
}

/** Sets up the rig of the tests in a file. Returns a function that returns the one of the running test. */
export function clientRig(): () => ClientRig {
  let server: ServerProcess;
  let rig: ClientRig;

  beforeAll(async () => {
    server = await ServerProcess.start({ args: ["--port", "0", ...UNLIMITED] });
  });

  afterAll(async () => {
    await server.stop();
    await expectNoProcessLeft();
  });

  beforeEach(async () => {
    rig = new ClientRig(server, await Network.open(server.port));
  });

  afterEach(() => rig.close());

  return () => rig;
}
