// which messages are the user's own: known by id, never by their text.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { message, say } from "./window.ts";

/** Whether each message, in order, is shown as the user's own. */
function owned(page: Page): Promise<boolean[]> {
  return page.evaluate<boolean[]>(
    `[...document.querySelectorAll(".message")].map(({ dataset }) => dataset.own === "true")`,
  );
}

pageSuite("the user's own message", (rig) => {
  test(
    "is not confused with someone else's message of the same text",
    async () => {
      const ada = await rig().open("/");
      const held: (() => void)[] = [];
      const heard = Promise.withResolvers<void>();
      let holding = true;
      await ada.routeWebSocket(/\/events/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((data) => {
          const { Type } = JSON.parse(String(data)) as { Type: string };
          if (holding && Type === "message") held.push(() => server.send(data));
          else server.send(data);
        });
        server.onMessage((data) => {
          socket.send(data);
          if (String(data).includes('"Hi!"')) heard.resolve();
        });
      });
      await ada.evaluate("location.hash = 'foo'");
      await ada.locator(".state[data-state=live]").waitFor();
      const bob = await rig().join("foo");

      await say(ada, "Hi!");
      await ada.locator('[data-sending="sending"]').getByText("Hi!").waitFor();
      await say(bob, "Hi!");
      // Bob's comes first, while Ada's is still on its way.
      await heard.promise;
      holding = false;
      for (const send of held) send();
      await message(bob, "Hi!").nth(1).waitFor();
      await ada.locator("[data-sending]").waitFor({ state: "detached" });
      expect(await owned(ada)).toEqual([false, true]);
      expect(await owned(bob)).toEqual([true, false]);
    },
    TIMEOUT,
  );

  test(
    "is shown as the user's own even if it is delivered before the server's answer",
    async () => {
      const bob = await rig().join("foo");
      const ada = await rig().open("/");
      // Without a WebSocket, what one sends and what one hears come over different connections.
      await ada.routeWebSocket(/\/events/, (socket) => socket.close());
      await ada.route("**/messages", async (route) => {
        const response = await route.fetch();
        await message(bob, "Hi!").first().waitFor();
        await rig().post("foo", "after it");
        await message(bob, "after it").waitFor();
        await route.fulfill({ response });
      });
      await ada.evaluate("location.hash = 'foo'");
      await ada.locator(".state[data-state=live]").waitFor();
      await say(ada, "Hi!");
      await message(ada, "after it").waitFor();
      await ada.locator("[data-sending]").waitFor({ state: "detached" });
      expect(await owned(ada)).toEqual([true, false]);
    },
    TIMEOUT,
  );

  test(
    "is shown as the user's own in a history that was loading when it was sent",
    async () => {
      const page = await rig().open("/");
      const sent = Promise.withResolvers<void>();
      await page.route("**/messages?*", async (route) => {
        await sent.promise;
        await route.continue();
      });
      await page.evaluate("location.hash = 'foo'");
      await say(page, "Hi!");
      await page.locator('[data-sending="sent"]').getByText("Hi!").waitFor();
      sent.resolve();
      await page.locator("[data-sending]").waitFor({ state: "detached" });
      expect(await owned(page)).toEqual([true]);
    },
    TIMEOUT,
  );
});
