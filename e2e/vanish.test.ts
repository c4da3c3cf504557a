// A listener whose machine loses power sends neither FIN nor RST. Simulated with a listener in a network namespace whose link
// is taken down.
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WireEvent } from "../src/protocol/message.ts";
import { SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

const LISTENER = fileURLToPath(import.meta.resolve("./fixtures/listener.ts"));

/** The heartbeat interval (25 s), its timeout (8 s) and a tick of the server, doubled for a busy machine. */
const TIMEOUT = 75_000;

/** Root in a container may usually not create network namespaces. */
const possible =
  process.platform === "linux" &&
  Bun.which("ip") !== null &&
  spawnSync("unshare", ["--net", "true"]).status === 0;
if (!possible) {
  const why = "Skipped: detection of vanished listeners. Needs Linux, root and ip (package iproute2)";
  if (process.env["CI"] === "true") throw new Error(why);
  process.stderr.write(`${why}.\n`);
}

/** Runs even when the test times out. */
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());
afterAll(expectNoProcessLeft);

test.skipIf(!possible)(
  "a vanished listener is removed after the next heartbeat: WebSocket and server-sent events",
  async () => {
    const network = cleanUp.use(new Network());
    await using server = await ServerProcess.start();
    // Separate streams: on a shared one, the event about the first would be unacknowledged data to the second.
    await using socket = await Witness.open(server, "socket");
    await using events = await Witness.open(server, "events");
    const address = `http://${network.here}:${server.port}`;
    const listener = network.run(process.execPath, LISTENER, address);
    await firstLine(listener.stdout);

    // From here on the server sends them only heartbeats.
    network.cut();
    await Promise.all([socket.seesOff(), events.seesOff()]);
  },
  TIMEOUT,
);

/** Receives the presence events of a stream on this side of the link. */
class Witness implements AsyncDisposable {
  private readonly socket: SocketClient;

  private constructor(socket: SocketClient) {
    this.socket = socket;
  }

  static async open(server: ServerProcess, stream: string): Promise<Witness> {
    return new Witness(await SocketClient.open(`http://127.0.0.1:${server.port}`, stream));
  }

  /** Waits for the event that the other listener is gone. */
  async seesOff(): Promise<void> {
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

/** A network namespace with a virtual link to it. */
class Network implements Disposable {
  /** This machine's address on the link, from the range reserved for benchmarks (RFC 2544). */
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

  /** Runs a program in the namespace until disposal. */
  run(...command: string[]) {
    const child = Bun.spawn(["ip", "netns", "exec", this.name, ...command], { stdout: "pipe" });
    this.children.push(child);
    return child;
  }

  /** Takes the link down. */
  cut(): void {
    ip("-n", this.name, "link", "set", this.ends[1], "down");
  }

  [Symbol.dispose](): void {
    for (const child of this.children) child.kill("SIGKILL");
    // The link first: open connections keep a deleted namespace alive.
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
