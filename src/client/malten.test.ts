// How many connections a program opens, and what it keeps of streams that it no longer uses.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { Network } from "../../test-support/client/network.ts";
import { ServerProcess } from "../../test-support/process.ts";
import { Malten } from "./index.ts";

let server: ServerProcess;
let network: Network;
let malten: Malten;

beforeAll(async () => {
  server = await ServerProcess.start({ args: ["--port", "0", "--rate-limit", "0"] });
});

afterAll(() => server.stop());

beforeEach(async () => {
  network = await Network.open(server.port);
  malten = new Malten(`http://127.0.0.1:${network.port}`);
});

afterEach(() => {
  malten.close();
  network[Symbol.dispose]();
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function names(count: number): string[] {
  return Array.from({ length: count }, () => `m-${crypto.randomUUID()}`);
}

test("streams may have the name of anything", async () => {
  const unusual = ["server", "stream", "ttl", "Text", "Observers", "constructor", "toString", "__proto__"];
  for (const name of unusual) await malten.create({ name });
  const listed = (await malten.list()).map(({ name }) => name);
  for (const name of unusual) expect(listed).toContain(name);
});

test("300 streams that are only sent to use one socket per 256 streams", async () => {
  await Promise.all(names(300).map((name) => malten.stream(name).send("x")));
  expect(network.accepted.size).toBe(2);
  expect(network.upgrades).toBe(2);
});

test("a listener to 256 streams uses one socket, and another stream opens the second", async () => {
  const streams = names(257);
  const messages = malten.listen(streams.slice(0, 256));
  await malten.stream(streams[255] ?? "").send("1");
  expect((await messages.next()).value).toMatchObject({ text: "1", stream: streams[255] });
  expect(network.accepted.size).toBe(1);
  const other = malten.listen([streams[256] ?? ""]);
  await malten.stream(streams[256] ?? "").send("2");
  expect((await other.next()).value?.text).toBe("2");
  expect(network.accepted.size).toBe(2);
});

test("a stream that is neither used nor referenced is garbage-collected, and one with a listener is not", async () => {
  const [used = "", unused = ""] = names(2);
  const messages = malten.stream(used).listen();
  const references = [used, unused].map((name) => new WeakRef(malten.stream(name)));
  // WeakRefs hold their targets until the end of the turn.
  while (references[1]?.deref() !== undefined) {
    await nextTurn();
    Bun.gc(true);
  }
  expect(references[0]?.deref()).toBe(malten.stream(used));
  await malten.stream(used).send("x");
  expect((await messages.next()).value?.text).toBe("x");
});

test("closing one stream leaves the others connected, and closing the last one closes the socket", async () => {
  const [one, other] = names(2).map((name) => malten.stream(name));
  const messages = other?.listen();
  await one?.send("x");
  await other?.send("1");
  one?.close();
  await other?.send("2");
  expect((await messages?.next())?.value?.text).toBe("1");
  expect((await messages?.next())?.value?.text).toBe("2");
  expect([one?.state.kind, other?.state.kind]).toEqual(["closed", "live"]);
  expect(network.accepted.size).toBe(1);
  other?.close();
  while (network.countOpen() > 0) await nextTurn();
});
