// Pipes over each transport, against a real server.
import { describe, expect, test } from "bun:test";
import { nextOf, take } from "../../../test-support/client/iterate.ts";
import { clientRig, UNLIMITED } from "../../../test-support/client/rig.ts";
import { failure } from "../../../test-support/client/states.ts";
import { ServerProcess } from "../../../test-support/process.ts";
import { pipe, type Pipe } from "./index.ts";

/** What may be on its way: 256 frames of 6,000 bytes, of the pipe's window, and what a write has begun with. */
const MAX_ON_ITS_WAY = 256 * 6000 + 100_000;

const rig = clientRig();

async function textsOf(end: Pipe, count: number): Promise<string[]> {
  return (await take(end.messages(), count)).map(({ text }) => text);
}

/** Bytes that are different at each place of a file. */
function content(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 2_654_435_761) >>> 24);
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

for (const transport of ["websocket", "sse", "poll"] as const)
  describe(`over ${transport}`, () => {
    test("texts go both ways, and both ends have the same six words", async () => {
      const [one, other] = await rig().pair(transport);
      const events = other.events();
      await Promise.all([one.joined, other.joined]);
      expect(one.words).toHaveLength(6);
      expect(other.words).toEqual(one.words);
      expect([one.state.kind, other.state.kind, other.link]).toEqual(["joined", "joined", undefined]);
      const emoji = "😀".repeat(1024);
      await Promise.all([one.send("a"), other.send("b"), one.send(emoji)]);
      expect(await textsOf(other, 2)).toEqual(["a", emoji]);
      expect(await textsOf(one, 1)).toEqual(["b"]);
      await one.end();
      expect(await nextOf(events, "ended")).toMatchObject({ finished: true, reason: "" });
      expect([one.state.kind, other.state.kind]).toEqual(["closed", "closed"]);
      expect(await Array.fromAsync(other.messages())).toEqual([]);
    });

    test("bytes go both ways, until each end closes", async () => {
      const [one, other] = await rig().pair(transport);
      const send = async (end: Pipe, from: number) => {
        const writer = end.writable.getWriter();
        for (let i = 0; i < 5; i++) await writer.write(content(from + i * 20_001, 20_001));
        await writer.close();
      };
      const [received, back] = await Promise.all([
        new Response(other.readable).bytes(),
        new Response(one.readable).bytes(),
        send(one, 0),
        send(other, 7),
      ]);
      expect(Buffer.from(received).equals(content(0, 100_005))).toBe(true);
      expect(Buffer.from(back).equals(content(7, 100_005))).toBe(true);
    });
  });

test("10 MB arrive, and never more is on its way than the window holds", async () => {
  const [one, other] = await rig().pair();
  const size = 10_000_000;
  let written = 0;
  const sending = (async () => {
    const writer = one.writable.getWriter();
    for (; written < size; written += 50_000) await writer.write(content(written, 50_000));
    await writer.close();
  })();
  let read = 0;
  let most = 0;
  for await (const chunk of other.readable) {
    if (!Buffer.from(chunk).equals(content(read, chunk.length))) throw new Error(`other bytes at ${read}`);
    read += chunk.length;
    most = Math.max(most, written - read);
  }
  await sending;
  expect(read).toBe(size);
  expect(most).toBeLessThan(MAX_ON_ITS_WAY);
});

test("an end that does not read holds up the other", async () => {
  const [one, other] = await rig().pair();
  let written = 0;
  const sending = (async () => {
    const writer = one.writable.getWriter();
    for (; written < 4_000_000; written += 50_000) await writer.write(content(written, 50_000));
    await writer.close();
  })();
  const texts = other.messages();
  // What is not read is counted in frames. This is answered once the window is full.
  await one.joined;
  await other.send("still");
  expect(await textsOf(one, 1)).toEqual(["still"]);
  let read = 0;
  for await (const chunk of other.readable) {
    expect(written - read).toBeLessThan(MAX_ON_ITS_WAY);
    read += chunk.length;
  }
  await sending;
  expect(read).toBe(4_000_000);
  expect((await texts.next()).done).toBe(true);
});

test("a third is refused, and both ends are told", async () => {
  const [one, other] = await rig().pair();
  const told = [one.events(), other.events()];
  await Promise.all([one.joined, other.joined]);
  const third = await rig().join(one);
  const stolen = third.events();
  expect(await failure(third.joined)).toMatchObject({ code: "link_used" });
  expect((await nextOf(stolen, "stolen")).type).toBe("stolen");
  expect(third.state).toMatchObject({ kind: "closed", error: { code: "link_used" } });
  for (const events of told) expect((await nextOf(events, "refused")).type).toBe("refused");
  await one.send("undisturbed");
  expect(await textsOf(other, 1)).toEqual(["undisturbed"]);
});

test("of two who join at once, one gets in", async () => {
  const one = rig().closing(await pipe.create(rig().client()));
  const joins = await Promise.all([rig().join(one), rig().join(one)]);
  const results = await Promise.allSettled(joins.map(({ joined }) => joined));
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const [winner] = joins.filter((_, i) => results[i]?.status === "fulfilled");
  await winner?.send("in");
  expect(await textsOf(one, 1)).toEqual(["in"]);
});

for (const bytes of [0, 1500, 9000])
  test(`connections that are cut after ${bytes} bytes, again and again, lose nothing`, async () => {
    const { network } = rig();
    const one = rig().closing(await pipe.create(rig().client()));
    network.cut(bytes);
    const other = await rig().join(one);
    network.cut(bytes);
    await Promise.all([one.joined, other.joined]);
    expect(one.words).toEqual(other.words);
    const received = Promise.all([textsOf(one, 40), textsOf(other, 40)]);
    for (const text of numbers(40)) {
      if (Number(text) % 10 === 0) network.cut(bytes);
      await Promise.all([one.send(text), other.send(text)]);
    }
    expect(await received).toEqual([numbers(40), numbers(40)]);
  }, 60_000);

test("a conversation goes on after the server was killed", async () => {
  await using fragile = await ServerProcess.start({ args: ["--port", "0", ...UNLIMITED] });
  const one = rig().closing(await pipe.create(fragile.url));
  const other = rig().closing(await pipe.join(one.link ?? ""));
  await Promise.all([one.joined, other.joined]);
  await one.send("before");
  expect(await textsOf(other, 1)).toEqual(["before"]);
  fragile.signal("SIGKILL");
  await fragile.stop();
  const sent = one.send("after");
  await using _again = await ServerProcess.start({
    args: ["--port", String(fragile.port), ...UNLIMITED],
  });
  await sent;
  expect(await textsOf(other, 1)).toEqual(["after"]);
  await other.send("back");
  expect(await textsOf(one, 1)).toEqual(["back"]);
}, 60_000);

test("bytes of an end that stops are not taken for complete", async () => {
  const [one, other] = await rig().pair();
  const events = other.events();
  const writer = one.writable.getWriter();
  await writer.write(content(0, 10));
  const reader = other.readable.getReader();
  expect((await reader.read()).value).toHaveLength(10);
  await writer.abort("disk on fire");
  expect(await nextOf(events, "ended")).toMatchObject({ finished: false, reason: "disk on fire" });
  expect(await failure(reader.read())).toMatchObject({ code: "pipe_broken", message: "disk on fire" });
  expect(await failure(other.send("x"))).toMatchObject({ code: "pipe_broken" });
});

test("an end that wants no more bytes stops the other", async () => {
  const [one, other] = await rig().pair();
  const writer = one.writable.getWriter();
  await writer.write(content(0, 10));
  const reader = other.readable.getReader();
  await reader.read();
  await reader.cancel();
  const stopped = (async () => {
    for (;;) await writer.write(content(0, 10_000));
  })();
  expect(await failure(stopped)).toMatchObject({ code: "pipe_broken" });
});

test("an end that lost its keys joins again, once it is admitted, with other words", async () => {
  const [one, other] = await rig().pair();
  await Promise.all([one.joined, other.joined]);
  const { words } = one;
  const events = one.events();
  // As a page that is loaded again.
  other.close();
  expect(other.state.kind).toBe("closed");
  await one.admit();
  const again = await rig().join(one);
  await again.joined;
  const rekeyed = await nextOf(events, "rekeyed");
  expect(rekeyed.words).toEqual(again.words);
  expect(again.words).not.toEqual(words);
  await again.send("back");
  expect(await textsOf(one, 1)).toEqual(["back"]);
});

test("an end that is closed rejects what waits", async () => {
  const one = await pipe.create(rig().client());
  const sent = failure(one.send("nobody is there"));
  expect(one.state.kind).toBe("waiting");
  one.close();
  expect(await sent).toMatchObject({ code: "closed" });
  expect(await failure(one.joined)).toMatchObject({ code: "closed" });
  expect(await failure(one.readable.getReader().read())).toMatchObject({ code: "closed" });
  expect(await Array.fromAsync(one.messages())).toEqual([]);
});
