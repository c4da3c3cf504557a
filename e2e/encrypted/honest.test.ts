// An honest server and honest networks give no reason for a warning, whatever happens to connections and servers.
import { expect, test } from "bun:test";
import { create, open } from "../../src/client/encrypted/index.ts";
import { ServerProcess } from "../../test-support/process.ts";
import { becomes, clientOf, closing, hostileSuite, Listener, proxyOf } from "./network.ts";

const server = hostileSuite();

test("someone who is moved to another server and back sees gaps, and no warnings", async () => {
  const second = closing(await ServerProcess.start());
  const proxy = proxyOf(server());
  const owner = await create(clientOf(proxy));
  const listener = await Listener.of(owner);
  const writer = await open(owner.links.writer ?? "", { malten: clientOf(proxyOf(server())) });
  for (const text of ["1", "2"]) await writer.send(text);
  expect(await listener.until("2")).toEqual(["1", "2"]);
  const move = async (target: string) => {
    proxy.target = target;
    proxy.disconnect();
    await becomes(owner, "reconnecting");
    await becomes(owner, "live");
  };
  await move(second.url.origin);
  await owner.send("into the other server");
  expect(await listener.until("into the other server")).toEqual(["[gap]", "into the other server"]);
  await writer.send("3");
  await move(server().url.origin);
  await writer.send("4");
  await owner.send("5");
  expect(await listener.until("5")).toEqual(["[gap]", "3", "4", "5"]);
  // What one has seen on the other server is unknown to others here.
  const late = await Listener.of(
    await open(owner.links.reader, { malten: clientOf(proxyOf(server())) }),
    "earliest",
  );
  await owner.send("6");
  expect(await late.until("6")).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test("connections that break again and again, on all sides, are no reason for a warning", async () => {
  const proxies = [proxyOf(server()), proxyOf(server()), proxyOf(server())] as const;
  const owner = await create(clientOf(proxies[0]));
  const listener = await Listener.of(owner, "earliest");
  const writers = await Promise.all(
    proxies.map((proxy) => open(owner.links.writer ?? "", { malten: clientOf(proxy) })),
  );
  // Writers that listen name what they saw last.
  const others = await Promise.all(writers.map((writer) => Listener.of(writer)));
  const sent: string[] = [];
  for (let i = 0; i < 30; i++) {
    sent.push(`${i}`);
    const sending = writers[i % 3]?.send(`${i}`);
    if (i % 4 === 0) proxies[(i / 4) % 3]?.disconnect();
    await sending;
  }
  for (const one of [listener, ...others]) expect(await one.until("29")).toEqual(sent);
}, 60_000);

test("messages that are evicted while someone is away are a gap, and none of them is missing", async () => {
  const proxy = proxyOf(server());
  const owner = await create(clientOf(proxy));
  const listener = await Listener.of(owner, "earliest");
  const writer = await open(owner.links.writer ?? "", { malten: clientOf(proxyOf(server())) });
  await writer.send("first");
  expect(await listener.until("first")).toEqual(["first"]);
  // Nobody answers there.
  proxy.target = "http://127.0.0.1:1";
  proxy.disconnect();
  // A stream keeps 1024 messages.
  await Promise.all(Array.from({ length: 1030 }, (_, i) => writer.send(`${i}`)));
  proxy.target = server().url.origin;
  await becomes(owner, "live");
  await writer.send("last");
  const seen = await listener.until("last");
  expect(seen.filter((one) => one.startsWith("["))).toEqual(["[gap]"]);
  expect(seen.slice(-2)).toEqual(["1029", "last"]);
}, 60_000);
