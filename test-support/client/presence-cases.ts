// Who listens.
import type { Presence } from "../../src/client/index.ts";
import { equal } from "../crypto/check.ts";
import { client, live, type Cases } from "./check.ts";

export const PRESENCE_CASES: Cases = {
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
};
