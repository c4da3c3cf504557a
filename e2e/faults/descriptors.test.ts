// A server that has no descriptors left: it neither ends nor spins, and accepts again as soon as some are free.
import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { EventReader } from "../../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess, SOURCE } from "../../test-support/process.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { HOST } from "./hostile-client.ts";

const LIMIT = 64;

const HEALTH = `GET /health HTTP/1.1\r\n${HOST}\r\n`;

afterAll(expectNoProcessLeft);

/** Processor time that a process has used, in seconds; a tick of the kernel is 10 ms. */
function processorTime(pid: number): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

/** Resolves once a process used less than half a core for half a second; never if it spins. */
async function idle(pid: number): Promise<void> {
  for (;;) {
    const before = processorTime(pid);
    // The span that is measured: nothing happens by which a process shows that it is idle.
    await Bun.sleep(500);
    if (processorTime(pid) - before < 0.25) return;
  }
}

test.skipIf(process.platform !== "linux")(
  "more connections than descriptors: some wait, none is lost, and nothing spins",
  async () => {
    const limited = ["bash", "-c", `ulimit -n ${LIMIT}; exec "$@"`, "bash", ...SOURCE];
    await using server = await ServerProcess.start({ command: limited });
    expect(server.descriptorLimit()).toBe(LIMIT);
    using connections = new DisposableStack();
    const all: RawConnection[] = [];
    while (all.length < 2 * LIMIT) all.push(connections.use(await RawConnection.open(server.port)));

    // Those that send something are answered, now or when those that send nothing were ended.
    const last = all.at(-1);
    last?.send(HEALTH);
    expect((await last?.response())?.status).toBe(200);
    await idle(server.pid);

    for (const each of all) each[Symbol.dispose]();
    expect((await fetch(new URL("/health", server.url))).status).toBe(200);
    expect(await server.stop()).toBe(0);
    // Without a descriptor, the server cannot even read how much memory it has.
    expect(await server.errors).not.toMatch(/error/i);
  },
  60_000,
);

test.skipIf(process.platform !== "linux")(
  "listeners stay when connections that were answered and then send nothing are too many",
  async () => {
    const limited = ["bash", "-c", `ulimit -n 400; exec "$@"`, "bash", ...SOURCE];
    await using server = await ServerProcess.start({ command: limited });
    await using stack = new AsyncDisposableStack();
    const listeners = await Promise.all(
      Array.from({ length: 20 }, async () => stack.use(await EventReader.open(server.url.href, "foo"))),
    );
    for (const listener of listeners) await listener.nextEvent("welcome");
    const ended: Promise<string>[] = [];
    for (let i = 0; i < 500; i++) {
      const connection = stack.use(await RawConnection.open(server.port));
      connection.send(HEALTH);
      expect((await connection.response())?.status).toBe(200);
      ended.push(connection.rest());
    }
    expect(await Promise.race(ended)).toBe("");
    await fetch(new URL("/messages?stream=foo&text=x", server.url), { method: "POST" });
    for (const listener of listeners) expect(await listener.texts(1)).toEqual(["x"]);
    expect(await server.stop()).toBe(0);
  },
  60_000,
);
