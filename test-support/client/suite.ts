// The contract of the SDK, over each transport, in each runtime. Uses only web standards and the SDK.
import {
  Malten,
  MaltenError,
  type ClientStream,
  type Message,
  type Presence,
  type StreamEvent,
} from "../../src/client/index.ts";
import { ENCRYPTED_CASES } from "./encrypted-suite.ts";
import type { World } from "./world.ts";

/** The numbers from `first` to `last`. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function equal(actual: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${one?.slice(0, 500)} is not ${other?.slice(0, 500)}`);
}

function client(world: World, silence?: number): Malten {
  return new Malten(world.url, { transports: [world.transport], ...(silence !== undefined && { silence }) });
}

/** Resolves when the stream is live. */
function live(stream: ClientStream): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.state.kind !== "live") return;
      stop();
      resolve();
    };
    const stop = stream.onState(look);
    look();
  });
}

/** The messages up to the one with this text. */
async function upTo(messages: AsyncIterator<Message, undefined>, text: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.at(-1)?.text !== String(text)) {
    const { value } = await messages.next();
    if (value === undefined) throw new Error("it ended");
    taken.push(value);
  }
  return taken;
}

/** Checks that messages are in order, without duplicates, and that gaps cover the missing ones. `created` has the time of each number from 1. */
function checkNothingLostSilently(messages: readonly Message[], created: readonly string[], first = 1): void {
  let next = first;
  for (const { text, gap, created: at } of messages) {
    const number = Number(text);
    if (number < next) throw new Error(`${number} after ${next - 1}`);
    for (let missing = next; missing < number; missing++) {
      const moment = BigInt(created[missing - 1] ?? 0);
      const covered = gap !== undefined && BigInt(gap.from) < moment && moment < BigInt(gap.to);
      if (!covered)
        throw new Error(`${missing} is missing before ${number}, and the gap is ${JSON.stringify(gap)}`);
    }
    if (gap !== undefined && BigInt(gap.to) > BigInt(at)) throw new Error(`a gap beyond ${number}`);
    next = number + 1;
  }
}

function numbers(messages: readonly Message[]): number[] {
  return messages.map(({ text }) => Number(text));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof MaltenError ? error.code : String(error);
  }
}

/** The cases by name. Each leaves the server running and the network unblocked. */
export const CASES: Readonly<Record<string, (world: World) => Promise<void>>> = {
  async "messages are received once and in order"(world) {
    const foo = client(world).stream(world.newStream());
    const messages = foo.listen();
    await live(foo);
    const sent = await Promise.all(range(1, 200).map((i) => foo.send(String(i))));
    const heard = await upTo(messages, 200);
    equal(
      heard.map(({ text }) => Number(text)),
      range(1, 200),
    );
    equal(
      heard.map(({ id, created }) => [id, created]),
      sent.map(({ id, created }) => [id, created]),
    );
    const { server } = await client(world).limits();
    equal(
      heard.map(({ cursor, own }) => [cursor, own]),
      sent.map(({ created }) => [`${created}-${server}`, true]),
    );
    equal(heard.filter(({ gap }) => gap).length, 0);
    equal(heard[0]?.time instanceof Date && Math.abs(Date.now() - heard[0].time.getTime()) < 600_000, true);
    foo.close();
  },

  async "a cursor later than the server's clock gets a gap, all that is kept, and what follows"(world) {
    const name = world.newStream();
    const created = await world.publish(name, 1, 3);
    const malten = client(world);
    const foo = malten.stream(name);
    // Another listener at a cursor that the server knows must not hide it. Long polls do not tell the server's time.
    const { server } = await malten.limits();
    const beside = world.transport === "poll" ? client(world).stream(name) : foo;
    const other = beside.listen({ since: `${created[1]}-${server}` });
    equal(numbers(await upTo(other, 3)), [3]);
    const messages = foo.listen({ since: String(BigInt(created[0] ?? 0) + 60_000_000_000n) });
    const kept = await upTo(messages, 3);
    equal(numbers(kept), [1, 2, 3]);
    equal(kept[0]?.gap?.from, "0");
    await foo.send("4");
    equal(numbers(await upTo(messages, 4)), [4]);
    equal(numbers(await upTo(other, 4)), [4]);
    beside.close();
    malten.close();
  },

  async "history is read in both directions, page by page"(world) {
    const name = world.newStream();
    await world.publish(name, 1, 25);
    const foo = client(world).stream(name);
    const pages: number[][] = [];
    for await (const page of foo.read({ limit: 10 })) pages.push(page.map(({ text }) => Number(text)));
    equal(pages, [range(16, 25).toReversed(), range(6, 15).toReversed(), range(1, 5).toReversed()]);
    const forward: number[][] = [];
    for await (const page of foo.read({ from: "oldest", limit: 20 }))
      forward.push(page.map(({ text }) => Number(text)));
    equal(forward, [range(1, 20), range(21, 25)]);
  },

  async "a listener begins at the cursor given"(world) {
    const name = world.newStream();
    const created = await world.publish(name, 1, 5);
    const foo = client(world).stream(name);
    const all = foo.listen({ since: "earliest" });
    equal(
      (await upTo(all, 5)).map(({ text }) => text),
      ["1", "2", "3", "4", "5"],
    );
    await all.return?.();
    equal(
      (await upTo(foo.listen({ since: created[2] }), 5)).map(({ text }) => text),
      ["4", "5"],
    );
    foo.close();
  },

  async "rejections by the server have its error code"(world) {
    const malten = client(world);
    const foo = malten.stream(world.newStream());
    equal(await codeOf(foo.send(" ")), "text_missing");
    equal(await codeOf(foo.send("x".repeat(1025))), "text_too_long");
    equal((await foo.send("fine")).id.length > 0, true);
    const { name, owner } = await malten.create();
    equal(await codeOf(malten.create({ name })), "stream_exists");
    equal(await codeOf(malten.stream(name).end("wrong")), "token_wrong");
    await malten.stream(name).end(owner);
    equal(await codeOf(malten.stream("no name").listen().next()), "bad_name");
    foo.close();
  },

  async "listeners are counted and listed, and senders are not"(world) {
    const name = world.newStream();
    const malten = client(world);
    const foo = malten.stream(name);
    await foo.send("not an observer");
    equal((await foo.presence()).observers, 0);
    if (world.transport === "poll") return foo.close();
    const watch = foo.events();
    await live(foo);
    /** Waits for an event with this status. */
    const told = async (status: string) => {
      for (;;) {
        const { value } = await watch.next();
        if (value?.type === "presence" && value.people.some((one) => one.status === status)) return;
      }
    };
    const bar = client(world).stream(name);
    const events = bar.events({ name: "Ada", status: "away" });
    await told("away");
    equal((await foo.presence()).people, [{ name: "Ada", status: "away" }]);
    bar.setPresence({ name: "Ada", status: "typing" });
    await told("typing");
    await events.return?.();
    await told("offline");
    bar.close();
    foo.close();
  },

  async "50 streams of one program use one socket"(world) {
    await world.resetConnections();
    const malten = client(world);
    // Over HTTP each needs its own response, and a browser allows six.
    const count = world.transport === "websocket" ? 50 : 4;
    const streams = range(1, count).map(() => malten.stream(world.newStream()));
    const listeners = streams.map((stream) => stream.listen());
    await Promise.all(streams.map((stream, i) => stream.send(String(i))));
    for (const [i, listener] of listeners.entries()) equal((await listener.next()).value?.text, String(i));
    for (const stream of streams) equal(stream.state.kind, "live");
    if (world.transport === "websocket") equal(await world.connections(), { accepted: 1, open: 1 });
    malten.close();
  },

  async "a stream is one object until it is closed, and its listeners share one subscription"(world) {
    const malten = client(world);
    const name = world.newStream();
    const foo = malten.stream(name);
    equal(malten.stream(name) === foo, true);
    const created = await world.publish(name, 1, 5);
    const live20 = range(1, 20).map(() => foo.listen());
    await live(foo);
    if (world.transport !== "poll") equal((await foo.presence()).observers, 1);
    const all = foo.listen({ since: "earliest" });
    const some = foo.listen({ since: created[2] });
    const late = foo.listen();
    await foo.send("6");
    equal(numbers(await upTo(all, 6)), range(1, 6));
    equal(numbers(await upTo(some, 6)), range(4, 6));
    equal(numbers(await upTo(late, 6)), [6]);
    for (const listener of live20) equal(numbers(await upTo(listener, 6)), [6]);
    foo.close();
    equal(malten.stream(name) === foo, false);
    malten.close();
  },

  async "one iterator listens to several streams"(world) {
    const malten = client(world);
    const names = [world.newStream(), world.newStream()];
    const [one = "", other = ""] = names;
    await world.publish(one, 1, 3);
    const messages = malten.listen(names, { since: "earliest" });
    const events = malten.events(names);
    equal(numbers(await upTo(messages, 3)), range(1, 3));
    await live(malten.stream(other));
    await malten.stream(other).send("4");
    const { value } = await messages.next();
    equal([value?.text, value?.stream, value?.own], ["4", other, true]);
    for (;;) {
      const event = (await events.next()).value;
      if (event?.type !== "message") continue;
      equal([event.stream, event.message.text], [other, "4"]);
      break;
    }
    await messages.return?.();
    await events.return?.();
    equal((await messages.next()).done, true);
    malten.close();
  },

  async "own messages are marked, even among equal texts from others, and can be left out"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const bar = client(world).stream(name);
    const [all, others] = [foo.listen(), foo.listen({ echo: false })];
    await live(foo);
    for (const round of range(1, 20))
      await Promise.all([foo.send(`same ${round}`), bar.send(`same ${round}`)]);
    await bar.send("end");
    const given = [];
    for (;;) {
      const { value } = await all.next();
      if (value === undefined || value.text === "end") break;
      given.push(value.own);
    }
    equal([given.length, given.filter(Boolean).length], [40, 20]);
    const without = [];
    for (;;) {
      const { value } = await others.next();
      if (value === undefined || value.text === "end") break;
      without.push(value.own);
    }
    equal(
      without,
      Array.from({ length: 20 }, () => false),
    );
    for await (const page of foo.read({ limit: 100 })) equal(page.filter(({ own }) => own).length, 20);
    foo.close();
    bar.close();
  },

  async "the presence list is kept up to date, even after a lost connection"(world) {
    const name = world.newStream();
    const [foo, bar] = [client(world).stream(name), client(world).stream(name)];
    let presence: Presence | undefined;
    let told = () => {};
    const stop = foo.onPresence((changed) => {
      presence = changed;
      told();
    });
    const until = (...names: string[]) =>
      new Promise<void>((resolve) => {
        told = () => {
          const shown = presence?.people.map((person) => `${person.name} ${person.status}`);
          if (JSON.stringify(shown) === JSON.stringify(names)) resolve();
        };
        told();
      });
    await until();
    // Listeners that use long polls are not seen, and learn of changes only with their next answer.
    if (world.transport !== "poll") {
      bar.setPresence({ name: "Ada" });
      void bar.listen();
      await until("Ada online");
      bar.setPresence({ name: "Ada", status: "typing" });
      await until("Ada typing");
      await world.block();
      await world.unblock();
      await until("Ada typing");
      bar.close();
      await until();
      equal(presence?.observers, 1);
    }
    stop();
    foo.close();
    bar.close();
  },

  async "a cursor of another server is answered with a gap from 0 and everything kept"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    await foo.send("1");
    const old = [];
    for await (const page of foo.read()) old.push(...page);
    const since = old[0]?.cursor;
    foo.close();
    await world.kill();
    await world.start();
    await world.publish(name, 2, 4);
    const again = client(world).stream(name);
    for (const cursor of [since, "1000-another", `${"9".repeat(20)}-another`]) {
      const messages = again.listen({ since: cursor });
      const heard = await upTo(messages, 4);
      equal(numbers(heard), range(2, 4));
      equal([heard[0]?.gap?.from, heard[1]?.gap, heard[2]?.gap], ["0", undefined, undefined]);
      await messages.return?.();
    }
    for await (const page of again.read({ from: "oldest", ...(since && { last: since }) }))
      equal([page.length, page[0]?.gap?.from], [3, "0"]);
    again.close();
  },

  async "listening ends without an error by break, by signal and by close"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const stop = new AbortController();
    const aborted = foo.listen({ signal: stop.signal });
    const second = foo.listen();
    const waiting = [aborted.next(), second.next()];
    stop.abort();
    equal((await waiting[0])?.done, true);
    foo.close();
    equal((await waiting[1])?.done, true);
    equal((await foo.listen().next()).done, true);
    equal(await codeOf(foo.send("late")), "closed");
    const bar = client(world).stream(name);
    const messages = bar.listen();
    await live(bar);
    await world.publish(name, 1, 1);
    for await (const { text } of messages) {
      equal(text, "1");
      break;
    }
    equal((await messages.next()).done, true);
    equal(await codeOf(bar.send("x", { signal: AbortSignal.abort() })), "aborted");
    bar.close();
  },

  async "a connection cut anywhere loses and duplicates nothing"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const messages = foo.listen();
    await live(foo);
    const created: string[] = [];
    for (let round = 0; round < 4; round++) {
      // Somewhere in a frame; each message takes more than a hundred bytes.
      await world.cut(1000 + round * 137);
      created.push(...(await world.publish(name, round * 100 + 1, round * 100 + 100)));
      const heard = await upTo(messages, round * 100 + 100);
      equal(
        heard.map(({ text }) => Number(text)),
        range(round * 100 + 1, round * 100 + 100),
      );
      equal(heard.filter(({ gap }) => gap).length, 0);
    }
    foo.close();
  },

  async "a listener that loses its connection before the first message misses none"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const messages = foo.listen();
    await live(foo);
    await world.block();
    const created = await world.publish(name, 1, 3);
    await world.unblock();
    const heard = await upTo(messages, 3);
    equal(
      heard.map(({ text }) => text),
      ["1", "2", "3"],
    );
    checkNothingLostSilently(heard, created);
    foo.close();
  },

  async "messages evicted meanwhile are reported as a gap"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const messages = foo.listen();
    await live(foo);
    const created = await world.publish(name, 1, 10);
    equal((await upTo(messages, 10)).length, 10);
    await world.block();
    created.push(...(await world.publish(name, 11, 1500)));
    await world.unblock();
    const heard = await upTo(messages, 1500);
    equal(
      heard.map(({ text }) => Number(text)),
      range(477, 1500),
    );
    checkNothingLostSilently(heard, created, 11);
    equal(heard[0]?.gap?.from, created[9]);
    foo.close();
  },

  async "a slow listener gets the messages kept, and a gap for the rest"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const messages = foo.listen();
    await live(foo);
    const created = await world.publish(name, 1, 5000);
    const heard = await upTo(messages, 5000);
    checkNothingLostSilently(heard, created);
    equal(
      heard.slice(-1024).map(({ text }) => Number(text)),
      range(3977, 5000),
    );
    created.push(...(await world.publish(name, 5001, 5001)));
    equal((await upTo(messages, 5001)).length, 1);
    foo.close();
  },

  async "a stalled network is detected"(world) {
    const name = world.newStream();
    const foo = client(world, 1500).stream(name);
    const messages = foo.listen();
    await live(foo);
    const created = await world.publish(name, 1, 5);
    equal((await upTo(messages, 5)).length, 5);
    await world.stall();
    created.push(...(await world.publish(name, 6, 10)));
    const sent = foo.send("11");
    const heard = await upTo(messages, 11);
    checkNothingLostSilently(heard.slice(0, -1), created, 6);
    equal(
      heard.map(({ text }) => Number(text)),
      range(6, 11),
    );
    equal(heard.at(-1)?.id, (await sent).id);
    foo.close();
  },

  async "messages are published once, although connections are cut while they are sent"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const sent: Promise<{ created: string }>[] = [];
    for (let round = 0; round < 5; round++) {
      for (const i of range(round * 20 + 1, round * 20 + 20)) sent.push(foo.send(String(i)));
      await Promise.race(sent.slice(-20));
      await world.cut(300 + round * 61);
    }
    const created = (await Promise.all(sent)).map((one) => one.created);
    const texts: number[] = [];
    for await (const page of foo.read({ from: "oldest" }))
      texts.push(...page.map(({ text }) => Number(text)));
    equal(texts, range(1, 100));
    equal(created, created.toSorted());
    foo.close();
  },

  async "after a restart of the server a gap is reported, waiting messages are sent, and uncertain ones are not sent again"(
    world,
  ) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const messages = foo.listen();
    await live(foo);
    await foo.send("1");
    equal((await upTo(messages, 1)).length, 1);
    await world.stall();
    const flying = foo.send("2");
    const outcome = codeOf(flying);
    await world.block();
    await world.kill();
    const waiting = foo.send("3");
    await world.start();
    await world.unblock();
    await waiting;
    const code = await outcome;
    if (code !== "uncertain" && code !== "none") throw new Error(code);
    const heard = await upTo(messages, 3);
    equal(
      heard.map(({ text }) => text),
      code === "none" ? ["2", "3"] : ["3"],
    );
    equal(heard[0]?.gap !== undefined, true);
    const kept: string[] = [];
    for await (const page of foo.read({ from: "oldest" })) kept.push(...page.map(({ text }) => text));
    equal(kept, code === "none" ? ["2", "3"] : ["3"]);
    // Another break: nothing of this server is received twice.
    await world.block();
    await world.unblock();
    await world.publish(name, 4, 4);
    const after = await upTo(messages, 4);
    equal(
      after.map(({ text, gap }) => [text, gap]),
      [["4", undefined]],
    );
    foo.close();
  },

  async "a message that no server accepts in time fails, and is never sent"(world) {
    const name = world.newStream();
    await world.block();
    const foo = client(world).stream(name);
    equal(await codeOf(foo.send("1", { timeout: 300 })), "timeout");
    const waits = foo.send("2");
    await world.unblock();
    await waits;
    const texts: string[] = [];
    for await (const page of foo.read()) texts.push(...page.map(({ text }) => text));
    equal(texts, ["2"]);
    const nowhere = new Malten("http://127.0.0.1:1");
    equal(await codeOf(nowhere.limits()), "unreachable");
    foo.close();
  },

  async "states change from idle to connecting, live, reconnecting and closed"(world) {
    const foo = client(world).stream(world.newStream());
    const kinds: string[] = [foo.state.kind];
    foo.onState(({ kind }) => kinds.push(kind));
    void foo.listen();
    await live(foo);
    await world.block();
    await new Promise<void>((resolve) => {
      const stop = foo.onState((state) => {
        if (state.kind !== "reconnecting" || !(state.retryAt instanceof Date)) return;
        stop();
        resolve();
      });
    });
    await world.unblock();
    await live(foo);
    foo.close();
    const shown = kinds.filter((kind, i) => !kinds.slice(0, i).includes(kind));
    equal(shown, ["idle", "connecting", "live", "reconnecting", "closed"]);
  },

  async "the end of a stream is reported, and its next message received"(world) {
    if (world.transport === "poll") return;
    const malten = client(world);
    const { name, owner } = await malten.create();
    const foo = malten.stream(name);
    const events = foo.events();
    await live(foo);
    await foo.end(owner);
    await foo.send("again");
    const told: StreamEvent[] = [];
    for await (const event of events) {
      if (event.type !== "presence" && event.type !== "welcome") told.push(event);
      if (event.type === "message") break;
    }
    equal(
      told.map((event) => (event.type === "ended" ? event.reason : event.type)),
      ["owner", "message"],
    );
    foo.close();
  },

  async "all transports are tried, and the one that works is remembered"(world) {
    const name = world.newStream();
    const malten = new Malten(world.url, { silence: 1500 });
    for (const what of ["websockets", "events"] as const) {
      await world.filter(what);
      const foo = malten.stream(name);
      const messages = foo.listen();
      await live(foo);
      const text = Number(what === "events");
      await foo.send(String(text));
      await upTo(messages, text);
      foo.close();
    }
    await world.filter("nothing");
  },

  ...ENCRYPTED_CASES,
};
