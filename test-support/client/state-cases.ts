// What a stream tells of its connection and its end.
import { Malten, type StreamEvent } from "../../src/client/index.ts";
import { equal } from "../crypto/check.ts";
import { client, live, upTo, type Cases } from "./check.ts";

export const STATE_CASES: Cases = {
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
};
