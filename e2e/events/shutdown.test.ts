// A server that stops delivers first what it has acknowledged.
import { expect, test } from "bun:test";
import { checkText } from "../../src/protocol/text.ts";
import { EventReader, SocketClient } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";

test("acknowledged messages reach listeners before the server stops", async () => {
  const server = new TestServer();
  await using sse = await EventReader.open(server.url, "foo");
  await using socket = await SocketClient.open(server.url, "foo");
  await sse.nextEvent("connect");
  for (const text of ["1", "2", "3"]) void server.hub.publish("foo", checkText(text));
  const stopped = server[Symbol.asyncDispose]();
  for (const reader of [sse, socket]) expect(await reader.texts(3)).toEqual(["1", "2", "3"]);
  await stopped;
});
