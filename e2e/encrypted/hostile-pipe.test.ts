// Pipes through a hostile server, and with people who have stolen the link.
import { expect, test } from "bun:test";
import { failure } from "../../test-support/client/states.ts";
import { flipped, insteadOf, late, texts, without } from "./lies.ts";
import { clientOf, hostileSuite, proxyOf } from "./network.ts";
import { PipeEndUnderTest, TALKED, talk } from "./pipe-ends.ts";
import type { Item, TamperingProxy } from "./tampering-proxy.ts";

const server = hostileSuite();

/** How long a test may take on a busy machine, in milliseconds. */
const TIMEOUT = 60_000;

interface Ends {
  readonly one: PipeEndUnderTest;
  readonly other: PipeEndUnderTest;
  readonly proxies: readonly [TamperingProxy, TamperingProxy];
}

async function joined(): Promise<Ends> {
  const proxies = [proxyOf(server()), proxyOf(server())] as const;
  const one = await PipeEndUnderTest.opener(clientOf(proxies[0]));
  const other = await PipeEndUnderTest.joiner(one, clientOf(proxies[1]));
  await Promise.all([one.pipe.joined, other.pipe.joined]);
  expect(other.pipe.words).toEqual(one.pipe.words);
  return { one, other, proxies };
}

/** What a server does with frames. The conversation is the same. */
const lies: Record<string, () => (item: Item) => readonly object[]> = {
  "drops a frame": () => without((n) => n === 4),
  "repeats frames": () => texts((text) => [text, text]),
  "repeats frames later": () => texts((text, n, earlier) => [text, earlier[n - 4] ?? text]),
  "reorders frames": () => late(4),
  "alters a bit of the type": () => insteadOf(5, flipped(0)),
  "alters a bit of the session": () => insteadOf(5, flipped(3)),
  "alters a bit of the frame's header": () => insteadOf(5, flipped(9)),
  "alters a bit of the ciphertext": () => insteadOf(5, flipped(60)),
  "alters a bit of the tag": () => insteadOf(5, flipped(-1)),
  "delivers a copy with a bit of the ciphertext altered": () => texts((text) => [flipped(60)(text), text]),
  "delivers a copy with a bit of the tag altered": () => texts((text) => [flipped(-1)(text), text]),
  "injects text": () => texts((text) => ["hello", text, "~1.FAAA"]),
};

test(
  "a server that alters, drops, repeats, reorders or invents frames changes nothing of the conversation",
  async () => {
    // All at once: it can take ticks of ten seconds until what is missing is asked for again.
    const outcomes = await Promise.all(
      Object.entries(lies).map(async ([what, lie]) => {
        const { one, other, proxies } = await joined();
        proxies[1].down = lie();
        const heard = await talk(one, other);
        expect(other.pipe.words).toEqual(one.pipe.words);
        const told = [...one.events, ...other.events].filter(
          (type) => type !== "joined" && type !== "warning",
        );
        return [what, heard, told];
      }),
    );
    expect(outcomes).toEqual(Object.keys(lies).map((what) => [what, TALKED, []]));
  },
  TIMEOUT,
);

test("a server that gives one end's frames back to it changes nothing", async () => {
  const { one, other, proxies } = await joined();
  const sent: string[] = [];
  proxies[0].up = (frame) => (sent.push(frame.Text ?? ""), [frame]);
  proxies[0].down = texts((text) => [text, ...sent.splice(0, 1)]);
  expect(await talk(one, other)).toEqual(TALKED);
});

test("frames of another pipe change nothing", async () => {
  const [here, there] = [await joined(), await joined()];
  const elsewhere: string[] = [];
  there.proxies[0].down = texts((text) => (elsewhere.push(text), [text]));
  expect(await talk(there.one, there.other)).toEqual(TALKED);
  for (const proxy of here.proxies) proxy.down = texts((text) => [...elsewhere.splice(0, 3), text]);
  expect(await talk(here.one, here.other)).toEqual(TALKED);
});

test("someone with the link who joins first is found out: the second is refused, and both are told", async () => {
  const one = await PipeEndUnderTest.opener(clientOf(proxyOf(server())));
  const thief = await PipeEndUnderTest.joiner(one, clientOf(proxyOf(server())));
  await Promise.all([one.pipe.joined, thief.pipe.joined]);
  const rightful = await PipeEndUnderTest.joiner(one, clientOf(proxyOf(server())));
  expect(await failure(rightful.pipe.joined)).toMatchObject({ code: "link_used" });
  await rightful.event("stolen");
  await Promise.all([one.event("refused"), thief.event("refused")]);
  expect([rightful.pipe.words, rightful.pipe.state.kind]).toEqual([[], "closed"]);
  expect(await talk(one, thief)).toEqual(TALKED);
});

test("someone between two ends, with the link and the server, has other words with each", async () => {
  // The server gives each end the messages of a pipe of the thief's own.
  const one = await PipeEndUnderTest.opener(clientOf(proxyOf(server())));
  const thief = await PipeEndUnderTest.joiner(one, clientOf(proxyOf(server())));
  const bait = await PipeEndUnderTest.opener(clientOf(proxyOf(server())));
  const other = await PipeEndUnderTest.joiner(bait, clientOf(proxyOf(server())));
  await Promise.all([one, thief, bait, other].map(({ pipe }) => pipe.joined));
  expect(one.pipe.words).not.toEqual(other.pipe.words);
});

test("a server with a key of its own in place of the opener's is not joined", async () => {
  const [mine, forged] = [proxyOf(server()), proxyOf(server())];
  const one = await PipeEndUnderTest.opener(clientOf(mine));
  const hello = Promise.withResolvers<string>();
  forged.down = texts((text) => (hello.resolve(text), [text]));
  const fake = await PipeEndUnderTest.opener(clientOf(forged));
  const theirs = await hello.promise;
  const proxy = proxyOf(server());
  const seen: string[] = [];
  proxy.down = texts((text, n) => (seen.push(text), n === 0 ? [theirs, text] : [text]));
  const other = await PipeEndUnderTest.joiner(one, clientOf(proxy));
  await Promise.all([one.pipe.joined, other.pipe.joined]);
  expect([fake.pipe.state.kind, other.pipe.words]).toEqual(["waiting", one.pipe.words]);
  expect(seen[0]).not.toBe(theirs);
});

test(
  "of two who join in the same instant, exactly one gets in",
  async () => {
    await Promise.all(
      Array.from({ length: 24 }, async () => {
        const one = await PipeEndUnderTest.opener(clientOf(proxyOf(server())));
        const two = await Promise.all(
          [1, 2].map(() => PipeEndUnderTest.joiner(one, clientOf(proxyOf(server())))),
        );
        const outcomes = await Promise.allSettled(two.map(({ pipe }) => pipe.joined));
        await one.pipe.joined;
        expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        const words = two.map(({ pipe }) => pipe.words.join(" ")).filter(Boolean);
        expect(words).toEqual([one.pipe.words.join(" ")]);
        await one.event("refused");
        await Promise.all(
          two.map((end, i) => end.event(outcomes[i]?.status === "rejected" ? "stolen" : "refused")),
        );
      }),
    );
  },
  TIMEOUT,
);
