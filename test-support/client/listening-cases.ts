// Messages as they are received and read.
import { equal } from "../crypto/check.ts";
import { client, codeOf, live, numbers, range, upTo, type Cases } from "./check.ts";

export const LISTENING_CASES: Cases = {
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
};
