// What a listener receives when connections break and messages are evicted.
import type { Message } from "../../src/client/index.ts";
import { equal } from "../crypto/check.ts";
import { client, live, range, upTo, type Cases } from "./check.ts";

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

export const LOSS_CASES: Cases = {
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
};
