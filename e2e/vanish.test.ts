// A listener whose machine disappears sends neither FIN nor reset. Tested with a listener in a network namespace whose virtual
// cable is cut.
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WireEvent } from "../src/protocol/message.ts";
import { SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { reportSkipped } from "../test-support/skipped.ts";

const LISTENER = fileURLToPath(import.meta.resolve("./fixtures/listener.ts"));

/** The heartbeat interval (25 s), its timeout (8 s) and a tick of the server, doubled for a busy machine. */
const TIMEOUT = 75_000;

/** Creating a network namespace needs privileges that containers usually lack. */
const possible =
  process.platform === "linux" &&
  Bun.which("ip") !== null &&
  spawnSync("unshare", ["--net", "true"]).status === 0;
if (!possible) reportSkipped("vanished listeners", "Linux, root and ip (package iproute2)");

/** Also runs if the test times out. */
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());
afterAll(expectNoProcessLeft);

test.skipIf(!possible)(
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

/** A network namespace and a virtual cable to it. */
class Network implements Disposable {
  /** This machine's address on the cable, from the range for tests (RFC 2544). */
  readonly here = this.address(1);
  private readonly name = `malten-${process.pid}`;
  private readonly children: Bun.Subprocess[] = [];
  private readonly ends = [`mt${process.pid}a`, `mt${process.pid}b`] as const;

  constructor() {
    const [near, far] = this.ends;
    ip("netns", "add", this.name);
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", this.name);
    ip("addr", "add", `${this.here}/30`, "dev", near);
    ip("link", "set", near, "up");
    ip("-n", this.name, "addr", "add", `${this.address(2)}/30`, "dev", far);
    ip("-n", this.name, "link", "set", far, "up");
  }

  /** Runs a program in the namespace until the network is disposed of. */
  run(...command: string[]) {
    const child = Bun.spawn(["ip", "netns", "exec", this.name, ...command], { stdout: "pipe" });
    this.children.push(child);
    return child;
  }

  /** Cuts the cable. */
  cut(): void {
    ip("-n", this.name, "link", "set", this.ends[1], "down");
  }

  [Symbol.dispose](): void {
    for (const child of this.children) child.kill("SIGKILL");
    // First, because open connections keep a deleted namespace alive.
    ip("link", "delete", this.ends[0]);
    ip("netns", "delete", this.name);
  }

  private address(host: number): string {
    const number = (process.pid % 16_384) * 4 + host;
    return `198.18.${number >> 8}.${number & 255}`;
  }
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
