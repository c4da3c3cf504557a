// What becomes of messages that are sent.
import { Malten } from "../../src/client/index.ts";
import { equal } from "../crypto/check.ts";
import { client, codeOf, live, range, upTo, type Cases } from "./check.ts";

export const SENDING_CASES: Cases = {
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

  async "messages carry the names of their senders, and a welcome comes before them"(world) {
    const name = world.newStream();
    const foo = client(world).stream(name);
    const events = foo.events();
    const names = ["Ada", undefined, '"😀" \\', "😀".repeat(32)];
    for (const [i, sender] of names.entries()) await foo.send(String(i), { name: sender });
    equal(await codeOf(foo.send("refused", { name: " " })), "bad_person");
    const heard: (string | undefined)[] = [];
    let kept: number | undefined;
    while (heard.length < names.length) {
      const { value: event } = await events.next();
      if (event?.type === "welcome" && heard.length === 0) kept = event.count;
      if (event?.type === "message") heard.push(event.message.name);
    }
    equal(heard, names);
    // Long polls give no welcome.
    equal(kept, world.transport === "poll" ? undefined : 0);
    foo.close();
  },
};
