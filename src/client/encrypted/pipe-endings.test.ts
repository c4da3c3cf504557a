// What the ends of a pipe may believe: what was taken, what is complete, and that it is over.
import { expect, test } from "bun:test";
import { ScriptedServer, message, welcome } from "../../../test-support/client/scripted-server.ts";
import { listensWith, streamOfPipe } from "../../../test-support/client/pipe-listeners.ts";
import { clientRig } from "../../../test-support/client/rig.ts";
import { failure } from "../../../test-support/client/states.ts";
import { formatLink, parseLink } from "../../crypto/link.ts";
import { openPipe } from "../../crypto/pipe/index.ts";
import { createSecrets, deriveKeys } from "../../crypto/secrets.ts";
import { Malten } from "../index.ts";
import { pipe, type Pipe, type PipeEvent } from "./index.ts";

/** More than the window takes. */
const TOO_MUCH = 256 * 6100 + 1;

const rig = clientRig();

async function joinedPair(): Promise<[one: Pipe, other: Pipe]> {
  const ends = await rig().pair();
  await Promise.all(ends.map(({ joined }) => joined));
  return ends;
}

async function endOf(events: AsyncIterable<PipeEvent>): Promise<PipeEvent | undefined> {
  for await (const event of events) if (event.type === "ended") return event;
  return undefined;
}

test("closing does not claim that an end took everything that was given up", async () => {
  const [one, other] = await joinedPair();
  const writer = one.writable.getWriter();
  await writer.write(new Uint8Array(10));
  const closing = failure(writer.close());
  // It arrived, and nobody has read it.
  await other.messages().next();
  other.close();
  await one.admit();
  expect(await closing).toMatchObject({ code: "pipe_broken" });
});

test("a text after the end is refused, not lost", async () => {
  const [one, other] = await joinedPair();
  const texts = Array.fromAsync(other.messages(), ({ text }) => text);
  await Promise.all([one.send("before"), one.writable.close()]);
  expect(await failure(one.send("after"))).toMatchObject({ code: "closed" });
  expect(await texts).toEqual(["before"]);
  await other.send("back");
  expect((await one.messages().next()).value?.text).toBe("back");
});

test("what is ended in the middle of a write is not complete", async () => {
  const [one, other] = await joinedPair();
  const ended = endOf(other.events());
  const received = failure(new Response(other.readable).bytes());
  const writing = failure(one.writable.getWriter().write(new Uint8Array(100 * TOO_MUCH)));
  await one.end();
  expect(await writing).toMatchObject({ code: "closed" });
  expect(await ended).toMatchObject({ finished: false });
  expect(await received).toMatchObject({ code: "pipe_broken" });
});

test("a write that waits for the other end can be aborted", async () => {
  const [one, other] = await joinedPair();
  const ended = endOf(other.events());
  const writer = one.writable.getWriter();
  const writing = failure(writer.write(new Uint8Array(TOO_MUCH)));
  await writer.abort("interrupted");
  expect(await ended).toMatchObject({ finished: false, reason: "interrupted" });
  expect(await writing).toMatchObject({ code: "closed" });
  expect(one.state.kind).toBe("closed");
});

test("is over when its client is closed", async () => {
  const malten = rig().client();
  const one = await pipe.create(malten);
  const texts = Array.fromAsync(one.messages());
  malten.close();
  expect(await failure(one.joined)).toMatchObject({ code: "closed" });
  expect(await texts).toEqual([]);
});

test("its creator keeps the stream alive as long as it waits, or the link would not work any more", async () => {
  const texts: (string | undefined)[] = [];
  const { promise: again, resolve } = Promise.withResolvers<void>();
  let listens = false;
  let isTold = false;
  await using expiring = new ScriptedServer({
    http: async (request) =>
      request.method === "POST"
        ? Response.json({ stream: (await request.formData()).get("stream"), ttl: 1024 })
        : null,
    frame({ Type, Ref, Stream = "", Text }, reply) {
      reply({ Type: "ack", Ref, ...(Type === "message" && { Id: `id-${texts.length}`, Created: "5000" }) });
      if (Type === "message") texts.push(Text);
      if (Type === "subscribe") reply(welcome(Stream));
      listens ||= Type === "subscribe";
      if (texts.length > 1) resolve();
      if (!listens || texts.length === 0 || isTold) return true;
      isTold = true;
      reply({ ...welcome(Stream), Text: "expiring", Seconds: 60 });
      return true;
    },
  });
  rig().closing(await pipe.create(new Malten(expiring.url, { transports: ["websocket"] })));
  await again;
  expect(texts[1]).toBe(texts[0]);
});

test("a creator that was away, while its stream may have expired, makes the link work again", async () => {
  const { network, server } = rig();
  const one = rig().closing(await pipe.create(rig().client()));
  const { secrets } = parseLink(one.link ?? "");
  if (secrets.kind !== "pipe") throw new Error("not a pipe");
  const { name, access } = await deriveKeys({ ...secrets, kind: "writer" });
  const headers = { accept: "application/x-ndjson", authorization: `Bearer ${access}` };
  const { body } = await fetch(new URL(`/events?stream=${name}&last=earliest`, server.url), { headers });
  let happened = "";
  let isCut = false;
  if (body === null) throw new Error("no events");
  const chunks: AsyncIterable<Uint8Array> = body;
  for await (const chunk of chunks) {
    happened += new TextDecoder().decode(chunk);
    const keys = happened.split('"Type":"message"').length - 1;
    if (keys === 2) return;
    if (keys === 0 || isCut) continue;
    isCut = true;
    network.block();
    network.blocked = false;
  }
  throw new Error("the stream ended");
});

test("what waits to be sent is not sent again, however often the server repeats itself", async () => {
  const { writer, ...keys } = (await deriveKeys(createSecrets())).secrets;
  if (writer === undefined) throw new Error("no writer");
  const { name } = await deriveKeys(keys.owner ?? writer);
  const secret = new Uint8Array(32);
  const { end, keyHash } = await openPipe({ stream: name, secret, now: () => 0 });
  const [hello] = (await end.start()).frames;
  let created = 1000;
  const texts: (string | undefined)[] = [];
  const unanswered: (() => void)[] = [];
  let answers = false;
  await using hostile = new ScriptedServer({
    frame({ Type, Ref, Stream = "", Text }, reply) {
      const say = (text = "") => reply(message(Stream, text, created++));
      if (Type === "subscribe") {
        reply({ Type: "ack", Ref });
        reply(welcome(Stream));
        say(hello);
        return true;
      }
      if (Type !== "message") return false;
      texts.push(Text);
      unanswered.push(() => reply({ Type: "ack", Ref, Id: `id-${Ref}`, Created: "5000" }));
      if (answers) for (const answer of unanswered.splice(0)) answer();
      if (texts.length > 1) return true;
      for (let i = 0; i < 500; i++) say(hello);
      void end.receive(Text ?? "").then(({ frames }) => {
        answers = true;
        say(frames[0]);
      });
      return true;
    },
  });
  const link = formatLink(new URL(hostile.url), { ...writer, kind: "pipe", pipeSecret: secret, keyHash });
  const joiner = rig().closing(await pipe.join(link));
  await joiner.joined;
  await joiner.send("hello");
  expect(texts).toHaveLength(3);
});

test("an end whose connection is lost is away, and back when another is there", async () => {
  const [one, other] = await joinedPair();
  await listensWith(rig().client(), one.link ?? "", 3);
  const events = one.events();
  const next = async () => (await events.next()).value?.type;
  // Without leaving.
  other.close();
  expect(await next()).toBe("away");
  await listensWith(rig().client(), one.link ?? "", 2);
  expect(await next()).toBe("back");
});

test("once the other end has left, its creator deletes the stream", async () => {
  const [one, other] = await joinedPair();
  const stream = await streamOfPipe(rig().client(), one.link ?? "");
  await other.send("kept");
  expect((await Array.fromAsync(stream.read())).flat().length).toBeGreaterThan(3);
  await other.end();
  expect((await Array.fromAsync(one.messages())).map(({ text }) => text)).toEqual(["kept"]);
  await one.end();
  expect(await Array.fromAsync(stream.read())).toEqual([]);
});

test("an end that was cut off while the creator ended the pipe still receives everything", async () => {
  const { network, server } = rig();
  const one = rig().closing(await pipe.create(rig().closing(new Malten(server.url))));
  const other = await rig().join(one);
  const ended = endOf(other.events());
  await Promise.all([one.joined, other.joined]);
  network.block();
  await one.send("last words");
  await one.end();
  network.blocked = false;
  expect((await Array.fromAsync(other.messages())).map(({ text }) => text)).toEqual(["last words"]);
  expect(await ended).toMatchObject({ finished: true });
});
