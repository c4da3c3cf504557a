// Encrypted streams over each transport, against a real server.
import { describe, expect, test } from "bun:test";
import { parseLink } from "../../crypto/link.ts";
import { SealedSender } from "../../crypto/sealed-sender.ts";
import { deriveKeys } from "../../crypto/secrets.ts";
import { nextOf, take } from "../../../test-support/client/iterate.ts";
import { clientRig, UNLIMITED } from "../../../test-support/client/rig.ts";
import { becomes, failure } from "../../../test-support/client/states.ts";
import { ServerProcess } from "../../../test-support/process.ts";
import { Malten, type PersonChange } from "../index.ts";
import { create, open, type EncryptedEvent, type EncryptedMessage } from "./index.ts";

const rig = clientRig();

const texts = (messages: readonly EncryptedMessage[]) => messages.map(({ text }) => text);

for (const transport of ["websocket", "sse", "poll"] as const)
  describe(`over ${transport}`, () => {
    test("an owner, a writer and a reader", async () => {
      const owner = await create(rig().client(transport), { ttl: 60 });
      const writer = await open(owner.links.writer ?? "", { malten: rig().client(transport) });
      const reader = await open(owner.links.reader, { malten: rig().client(transport) });
      expect([owner, writer, reader].map(({ right, name }) => [right, name])).toEqual([
        ["owner", owner.name],
        ["writer", owner.name],
        ["reader", owner.name],
      ]);
      expect(Object.keys(owner.links)).toEqual(["owner", "writer", "reader"]);
      expect(writer.links).toEqual({ writer: owner.links.writer ?? "", reader: owner.links.reader });
      expect(reader.links).toEqual({ reader: owner.links.reader });

      const heard = reader.listen({ since: "earliest" });
      const own = writer.events({ since: "earliest" });
      const emoji = "😀".repeat(1024);
      await owner.send("one\r\nline", { name: "Ann" });
      const { id, created } = await writer.send(emoji);
      const [first, second] = await take(heard, 2);
      expect(first).toMatchObject({ text: "one\nline", name: "Ann", own: false, stream: owner.name });
      expect(second).toMatchObject({ text: emoji, id, created, own: false });
      expect([first?.warnings, first?.gap, second?.name]).toEqual([undefined, undefined, undefined]);
      expect([first?.sender.isNew, second?.sender.isNew]).toEqual([true, true]);
      expect(first?.sender.id).not.toBe(second?.sender.id);
      await nextOf(own, "message");
      expect((await nextOf(own, "message")).message).toMatchObject({ text: emoji, own: true });

      const forward = await Array.fromAsync(reader.read({ from: "oldest", limit: 1 }));
      expect(forward.map(texts)).toEqual([["one\nline"], [emoji]]);
      expect((await Array.fromAsync(reader.read())).map(texts)).toEqual([[emoji, "one\nline"]]);

      await owner.end();
      if (transport !== "poll") expect((await nextOf(own, "ended")).reason).toBe("owner");
    });

    test("a reader resumes after its connection broke, without warnings", async () => {
      const owner = await create(rig().client(transport));
      const reader = await open(owner.links.reader, { malten: rig().client(transport) });
      const heard = reader.listen({ since: "earliest" });
      const messages: EncryptedMessage[] = [];
      for (let i = 0; i < 12; i++) {
        if (i % 3 === 0) rig().network.cut(i * 700);
        await owner.send(String(i));
        messages.push(...(await take(heard, 1)));
      }
      expect(texts(messages)).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
      expect(messages.filter(({ warnings, gap }) => warnings ?? gap)).toEqual([]);
    }, 60_000);
  });

test("people are shown with names that the server cannot read", async () => {
  const owner = await create(rig().client());
  const malten = rig().client();
  const reader = await open(owner.links.reader, { malten });
  const heard = reader.events({ name: "é".repeat(256) });
  // The first event may come before its name is sealed.
  let people: readonly PersonChange[] = [];
  while (people.length === 0) ({ people } = await nextOf(heard, "presence"));
  expect(people).toMatchObject([{ name: "é".repeat(256) }]);
  const shown = Promise.withResolvers<void>();
  owner.onPresence(({ people: [person] }) => {
    if (person?.name === "Ann" && person.status === "away") shown.resolve();
  });
  reader.setPresence({ name: " Ann ", status: "away" });
  await shown.promise;
  expect((await owner.presence()).people).toEqual([{ name: "Ann", status: "away" }]);
  const sealed = await malten.stream(owner.name).presence();
  expect(sealed.people.map(({ name }) => /^~1\.[\w-]{100,}$/.test(name))).toEqual([true]);
  expect(() => reader.setPresence({ name: "x".repeat(257) })).toThrow("256 characters");
});

test("what the server loses is a gap, and no warning", async () => {
  await using fragile = await ServerProcess.start({ args: ["--port", "0", ...UNLIMITED] });
  const args = ["--port", String(fragile.port), ...UNLIMITED];
  const owner = await create(rig().closing(new Malten(fragile.url)));
  const events = owner.events();
  await owner.send("before");
  expect((await nextOf(events, "message")).message.text).toBe("before");
  fragile.signal("SIGKILL");
  await fragile.stop();
  await using _again = await ServerProcess.start({ args });
  await becomes(owner, "live");
  await owner.send("after");
  const received: EncryptedEvent[] = [];
  while (received.at(-1)?.type !== "message") received.push(...(await take(events, 1)));
  const told = received.filter(({ type }) => type !== "presence" && type !== "welcome");
  expect(told).toMatchObject([
    { type: "gap", gap: { from: "0" } },
    { type: "message", message: { text: "after" } },
  ]);
}, 60_000);

test("a message that was given up is not missing, also if later ones were waiting", async () => {
  const owner = await create(new Malten(rig().server.url));
  const writer = await open(owner.links.writer ?? "", { malten: rig().client() });
  const heard = owner.listen();
  await becomes(owner, "live");
  await writer.send("1");
  rig().network.block();
  await becomes(writer, "reconnecting");
  const stop = new AbortController();
  const given = [
    failure(writer.send("2", { timeout: 1 })),
    failure(writer.send("3", { signal: stop.signal, timeout: Infinity })),
  ];
  const waiting = [writer.send("4"), writer.send("5", { timeout: 25_000 })];
  expect(await given[0]).toMatchObject({ code: "timeout" });
  stop.abort();
  expect(await given[1]).toMatchObject({ code: "aborted" });
  rig().network.blocked = false;
  await Promise.all(waiting);
  const messages = await take(heard, 3);
  expect(texts(messages)).toEqual(["1", "4", "5"]);
  expect(messages.map(({ warnings }) => warnings)).toEqual([undefined, undefined, undefined]);
  owner.close();
});

test("messages that wait for a connection are rejected when the stream is closed", async () => {
  const owner = await create(rig().client());
  rig().network.block();
  const first = failure(owner.send("1"));
  await becomes(owner, "reconnecting");
  const second = failure(owner.send("2"));
  owner.close();
  expect(await first).toMatchObject({ code: "closed" });
  expect(await second).toMatchObject({ code: "closed" });
  expect(await failure(owner.send("3"))).toMatchObject({ code: "closed" });
});

test("what was sent before a live listener began is not missing", async () => {
  const created = await create(rig().client());
  // It begins live when there is a connection.
  rig().network.block();
  const heard = created.listen();
  const other = await open(created.links.writer ?? "", { malten: new Malten(rig().server.url) });
  await other.send("before");
  rig().network.blocked = false;
  await becomes(created, "live");
  await other.send("after");
  const [message] = await take(heard, 1);
  expect([message?.text, message?.warnings]).toEqual(["after", undefined]);
  other.close();
});

test("messages are sent in the order of the calls", async () => {
  const owner = await create(rig().client());
  const heard = owner.listen();
  await becomes(owner, "live");
  const numbers = Array.from({ length: 100 }, (_, i) => String(i));
  const sent = await Promise.all(numbers.map((text) => owner.send(text)));
  const messages = await take(heard, 100);
  expect(texts(messages)).toEqual(numbers);
  expect(messages.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  expect(messages.filter(({ sender }) => sender.isNew)).toHaveLength(1);
});

test("without echo, own messages are left out, and the order of others is still checked", async () => {
  const owner = await create(rig().client());
  const writer = await open(owner.links.writer ?? "", { malten: rig().client() });
  const heard = owner.listen({ echo: false });
  const other = writer.listen();
  await becomes(owner, "live");
  await becomes(writer, "live");
  await owner.send("own");
  await take(other, 1);
  await writer.send("other");
  const [message] = await take(heard, 1);
  expect([message?.text, message?.warnings]).toEqual(["other", undefined]);
});

test("what honest programs do not send is left out, with a warning", async () => {
  const owner = await create(rig().client());
  const events = owner.events();
  await becomes(owner, "live");
  const malten = rig().client();
  const link = owner.links.writer ?? "";
  const writer = await open(link, { malten });
  const { secrets } = parseLink(link);
  if (secrets.kind !== "writer") throw new Error("not a writer's link");
  const sender = await SealedSender.create(await deriveKeys(secrets));
  // The server takes any envelope of a writer.
  const plain = malten.stream(writer.name);
  const seal = async (text: string, name?: string) => (await sender.seal(text, { name })).text;
  const good = await seal("good", "two\nlines");
  for (const text of [good, await seal("\u001b[2J"), good, "~1.AAAA", await seal("end")])
    await plain.send(text);
  const told: unknown[] = [];
  while (told.at(-1) !== "end") {
    const [event] = await take(events, 1);
    if (event?.type === "message") {
      expect(event.message.name).toBeUndefined();
      told.push(event.message.text);
    } else if (event?.type === "warning") told.push([event.code, event.sender]);
  }
  expect(told).toEqual([
    "good",
    ["altered", sender.id],
    ["replayed", sender.id],
    ["altered", undefined],
    "end",
  ]);
  expect(await failure(plain.send("plain text"))).toMatchObject({ code: "envelope_required" });
  const pages = await Array.fromAsync(owner.read());
  expect(pages.flat().map(({ text, warnings }) => [text, warnings?.map(({ code }) => code)])).toEqual([
    ["end", undefined],
    ["good", ["altered"]],
  ]);
});

test("what a right does not allow is refused before anything is sent", async () => {
  const owner = await create(rig().client());
  const { writer: writerLink = "", reader: readerLink } = owner.links;
  const reader = await open(readerLink, { malten: rig().client() });
  const writer = await open(writerLink, { malten: rig().client() });
  expect(await failure(reader.send("x"))).toMatchObject({ code: "read_only" });
  expect(await failure(reader.end())).toMatchObject({ code: "owner_required" });
  expect(await failure(writer.end())).toMatchObject({ code: "owner_required" });
  expect(await failure(owner.send(""))).toMatchObject({ code: "text_missing" });
  expect(await failure(owner.send("x".repeat(1025)))).toMatchObject({ code: "text_too_long" });
  expect(await failure(owner.send("\u001b[2J"))).toMatchObject({ code: "text_control" });
  expect(await failure(owner.send("x", { name: "a\nb" }))).toMatchObject({ code: "bad_person" });
  expect(() => owner.listen({ since: "nonsense", name: "Ann" })).toThrow("Invalid cursor");
  void owner.listen();
  await becomes(owner, "live");
  expect((await owner.presence()).people).toEqual([]);
});

test("one client opens a stream with two rights, and keeps the higher one", async () => {
  const malten = rig().client();
  const owner = await create(malten);
  const reader = await open(owner.links.reader, { malten });
  await owner.send("still allowed");
  expect((await Array.fromAsync(reader.read())).map(texts)).toEqual([["still allowed"]]);
  await owner.end();
  owner.close();
  expect([reader.state.kind, malten.http.access.size]).toEqual(["closed", 0]);
});

test("a stream that cannot be created leaves nothing behind", async () => {
  const malten = rig().client();
  rig().network.block();
  expect(await failure(create(malten))).toMatchObject({ code: "unreachable" });
  expect(malten.http.access.size).toBe(0);
});
