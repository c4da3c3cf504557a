// A hostile server that tells people different stories, or passes something off as something else.
import { expect, test } from "bun:test";
import { create, open, type EncryptedStream } from "../../src/client/encrypted/index.ts";
import { late, texts, without } from "./lies.ts";
import { clientOf, hostileSuite, Listener, proxyOf } from "./network.ts";
import type { TamperingProxy } from "./tampering-proxy.ts";

const server = hostileSuite();

/** Someone in a stream, with a proxy of their own. */
interface Member {
  readonly proxy: TamperingProxy;
  readonly stream: EncryptedStream;
  readonly listener: Listener;
}

/** Listens before anybody else has a link. */
async function founder(): Promise<Member> {
  const proxy = proxyOf(server());
  const stream = await create(clientOf(proxy));
  return { proxy, stream, listener: await Listener.of(stream, "earliest") };
}

async function member({ stream: { links } }: Member): Promise<Member> {
  const proxy = proxyOf(server());
  const stream = await open(links.writer ?? "", { malten: clientOf(proxy) });
  return { proxy, stream, listener: await Listener.of(stream) };
}

/** One says something, and the others hear it. */
async function say(text: string, one: Member, ...others: Member[]): Promise<void> {
  await one.stream.send(text);
  for (const { listener } of [one, ...others]) expect(await listener.until(text)).toEqual([text]);
}

test("one who is told less than others sees it as soon as one of the others speaks", async () => {
  const ann = await founder();
  const [bob, eve] = [await member(ann), await member(ann)];
  await say("hello", bob, ann, eve);
  await say("hi", eve, ann, bob);
  // From now on, Ann gets nothing of Bob.
  ann.proxy.down = without((n) => n === 0);
  await bob.stream.send("Ann, listen");
  await bob.listener.until("Ann, listen");
  await eve.listener.until("Ann, listen");
  await eve.stream.send("right");
  expect(await ann.listener.until("right")).toEqual(["[split]", "right"]);
});

test("people who are told the same in another order see it when one of them speaks", async () => {
  const ann = await founder();
  const [bob, eve, dan] = [await member(ann), await member(ann), await member(ann)];
  for (const one of [bob, eve, dan])
    await say("hello", one, ...[ann, bob, eve, dan].filter((other) => other !== one));
  // Eve gets what Bob says after what Dan says, and after her own answer to that.
  let held: string[] = [];
  eve.proxy.down = texts((text, n) => {
    if (n === 0) held = [text];
    return n === 0 ? [] : [text, ...(n === 2 ? held.splice(0) : [])];
  });
  await bob.stream.send("one");
  await dan.listener.until("one");
  await dan.stream.send("two");
  expect(await eve.listener.until("two")).toEqual(["[split]", "two"]);
  await say("I heard two", eve);
  expect(await eve.listener.until("one")).toEqual(["[reordered]", "one"]);
  await eve.stream.send("and then one");
  expect(await ann.listener.until("and then one")).toEqual([
    "one",
    "two",
    "I heard two",
    "[split]",
    "and then one",
  ]);
});

test("the founder of a stream sees that its first messages are withheld", async () => {
  const ann = await founder();
  const bob = await member(ann);
  ann.proxy.down = without((n) => n === 0);
  await bob.stream.send("first");
  await bob.stream.send("second");
  expect(await ann.listener.until("second")).toEqual(["[missing]", "second"]);
});

test("a message that answers another one is delivered before it", async () => {
  const ann = await founder();
  const [bob, eve] = [await member(ann), await member(ann)];
  await say("hello", eve, ann, bob);
  ann.proxy.down = late(0);
  await bob.stream.send("question");
  await eve.listener.until("question");
  await eve.stream.send("answer");
  expect(await ann.listener.until("question")).toEqual(["[split]", "answer", "[reordered]", "question"]);
});

test("people who are kept apart see it as soon as a message gets from one side to the other", async () => {
  const ann = await founder();
  const bob = await member(ann);
  await say("hello", bob, ann);
  await say("hi", ann, bob);
  ann.proxy.down = without((n) => n < 3);
  bob.proxy.down = without((n) => n < 2);
  await bob.stream.send("for Ann");
  await ann.stream.send("for Bob");
  await bob.stream.send("for Ann again");
  await bob.stream.send("hello?");
  expect(await ann.listener.until("hello?")).toEqual(["[missing]", "hello?"]);
});

test("envelopes of another stream are refused, also of one with the same people", async () => {
  const [here, there] = [await founder(), await founder()];
  const [bob, other] = [await member(here), await member(there)];
  await say("hello", bob, here);
  const elsewhere: string[] = [];
  there.proxy.down = texts((text) => (elsewhere.push(text), [text]));
  await other.stream.send("said elsewhere");
  await there.listener.until("said elsewhere");
  here.proxy.down = texts((text) => [...elsewhere, text]);
  await bob.stream.send("said here");
  expect(await here.listener.until("said here")).toEqual(["[altered]", "said here"]);
});

test("a message that the server publishes twice is shown once", async () => {
  const ann = await founder();
  const bob = await member(ann);
  bob.proxy.up = (frame) =>
    frame.Type === "message" ? [frame, { ...frame, Ref: `${frame.Ref}-again` }] : [frame];
  await bob.stream.send("once");
  await bob.stream.send("end");
  expect(await ann.listener.until("end")).toEqual(["once", "[replayed]", "end"]);
});

test("the server cannot make someone else's message one's own", async () => {
  const ann = await founder();
  const bob = await member(ann);
  let bobs = "";
  ann.proxy.down = (item) => {
    if (item.Type === "message" && bobs === "") bobs = item.Id;
    return [item.Type === "ack" && item.Id !== undefined ? { ...item, Id: bobs } : item];
  };
  await bob.stream.send("from Bob");
  await ann.listener.until("from Bob");
  await ann.stream.send("from Ann");
  await ann.listener.until("from Ann");
  const pages = await Array.fromAsync(ann.stream.read({ from: "oldest" }));
  expect(pages.flat().map(({ text, own }) => [text, own])).toEqual([
    ["from Bob", false],
    ["from Ann", true],
  ]);
});

test("names in the presence list that nobody sealed for this stream are only counted", async () => {
  const [ann, there] = [await founder(), await founder()];
  const sealed = Promise.withResolvers<string>();
  there.proxy.up = (frame) => {
    if ("Name" in frame) sealed.resolve(String(frame.Name));
    return [frame];
  };
  there.stream.setPresence({ name: "Bob" });
  const elsewhere = await sealed.promise;
  const event = { Type: "event", Text: "presence", Stream: ann.stream.name, Metadata: null, Id: "e" };
  const people = ["Bob", elsewhere, `${elsewhere.slice(0, -4)}AAAA`, "~1.AAAA"];
  ann.proxy.say({
    ...event,
    Created: String(Date.now() * 2e6),
    Observers: 9,
    People: people.map((Name) => ({ Name, Status: "online" })),
  });
  expect(await ann.listener.presence(9)).toMatchObject({ people: [], more: 4 });
});

test("history that is read page by page has the same warnings", async () => {
  const ann = await founder();
  const bob = await member(ann);
  for (const text of ["0", "1", "2", "3", "end"]) await say(text, bob, ann);
  ann.proxy.down = texts((text, n, earlier) =>
    n === 1 ? ["plain"] : n === 4 ? [earlier[0] ?? "", text] : [text],
  );
  const pages = await Array.fromAsync(ann.stream.read({ from: "oldest" }));
  expect(
    pages.flat().map(({ text, warnings = [] }) => [...warnings.map(({ code }) => code), text].join(" ")),
  ).toEqual(["0", "altered missing 2", "3", "replayed end"]);
});

test("history that comes again as if it were new is refused", async () => {
  const ann = await founder();
  const bob = await member(ann);
  await say("hello", bob, ann);
  const hour = 3_600_000_000_000n;
  ann.proxy.down = (item) =>
    item.Type === "message"
      ? [{ ...item, Id: `${item.Id}x`, Created: String(BigInt(item.Created) + hour) }]
      : [item];
  ann.proxy.up = (frame) => [frame.Type === "subscribe" ? { ...frame, Last: "earliest" } : frame];
  ann.proxy.disconnect();
  await bob.stream.send("after");
  expect(await ann.listener.until("after")).toEqual(["[replayed]", "after"]);
});
