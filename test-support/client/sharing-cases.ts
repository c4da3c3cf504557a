// Streams and listeners of one program.
import { equal } from "../crypto/check.ts";
import { client, live, numbers, range, upTo, type Cases } from "./check.ts";

export const SHARING_CASES: Cases = {
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
};
