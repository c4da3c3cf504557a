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
