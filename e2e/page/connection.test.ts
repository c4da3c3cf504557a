// The page without a server or a connection.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message, say, state, texts } from "./window.ts";

pageSuite("a connection", (rig) => {
  test(
    "is lost and restored: the draft and pending messages are kept, and the gap is shown",
    async () => {
      const ada = await rig().join("foo");
      const bob = await rig().join("foo");
      await say(ada, "before");
      await message(bob, "before").waitFor();

      const { port } = rig().server;
      expect(await rig().server.stop()).toBe(0);
      for (const page of [ada, bob]) await state(page, "Reconnecting").first().waitFor();
      await say(ada, "meanwhile");
      await ada.getByText("Waiting for the connection…").waitFor();
      await draft(ada).fill("a draft");

      await rig().startEmptyServer(port);
      for (const page of [ada, bob]) await state(page, "Live").waitFor();
      // The messages lost with the server leave a gap.
      await log(bob).getByText("Some messages are missing.").waitFor();
      for (const page of [ada, bob]) await message(page, "meanwhile").waitFor();
      expect(await draft(ada).inputValue()).toBe("a draft");
      await say(bob, "after");
      await message(ada, "after").waitFor();
      for (const page of [ada, bob]) expect(await texts(page)).toEqual(["before", "meanwhile", "after"]);
    },
    TIMEOUT,
  );

  test(
    "is missing when the page opens, and is made once the server is up",
    async () => {
      const page = await rig().join("foo");
      await page.evaluate("navigator.serviceWorker.ready");
      const { port } = rig().server;
      await rig().server.stop();
      // The service worker caches the page, not the messages.
      await page.reload();
      await state(page, "Reconnecting").first().waitFor();
      await page.getByText("Couldn’t load history.").waitFor();
      await rig().startEmptyServer(port);
      await rig().post("foo", "here again");
      await message(page, "here again").waitFor();
      await state(page, "Live").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is missing while another stream is opened: unsent messages become a draft",
    async () => {
      const page = await rig().join("foo");
      await rig().server.stop();
      await state(page, "Reconnecting").first().waitFor();
      await say(page, "first");
      await say(page, "second");
      await draft(page).fill("third");
      await page.evaluate("location.hash = 'bar'");
      await page.getByRole("heading", { name: "bar" }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: "foo" }).waitFor();
      expect(await draft(page).inputValue()).toBe("first\nsecond\nthird");
    },
    TIMEOUT,
  );

  test(
    "is restored: people who left meanwhile are removed from the list",
    async () => {
      const ada = await rig().join("foo");
      const bob = await rig().join("foo");
      await bob.evaluate("sessionStorage.setItem('malten.name', 'Bob')");
      await bob.reload();
      await button(ada, "2 here").click();
      const shown = ada.getByRole("listitem").getByText("Bob");
      await shown.waitFor();
      const { port } = rig().server;
      await rig().server.stop();
      await bob.close();
      await state(ada, "Reconnecting").first().waitFor();
      await rig().startEmptyServer(port);
      await state(ada, "Live").waitFor();
      await shown.waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "is cut when the browser goes offline, and a notice says so",
    async () => {
      const page = await rig().join("foo");
      await page.context().setOffline(true);
      await page.getByText("You’re offline.").waitFor();
      await state(page, "Offline").waitFor();
      await page.getByText("Couldn’t load streams.").waitFor();
      const listed = page.waitForRequest(/\/streams\?/);
      await page.context().setOffline(false);
      // At once, not after the pause that follows a failure.
      await listed;
      await page.getByText("You’re offline.").waitFor({ state: "detached" });
      await page.getByText("Couldn’t load streams.").waitFor({ state: "detached" });
      await state(page, "Live").waitFor();
    },
    TIMEOUT,
  );
});

pageSuite(
  "a full server",
  (rig) => {
    test(
      "keeps a message waiting, which can be edited",
      async () => {
        const page = await rig().join("foo");
        const text = "x".repeat(1000);
        await rig().fill(text);
        await say(page, text);
        await page
          .locator(".notice")
          .getByText(/The server’s memory is full\..* Continues in/)
          .first()
          .waitFor();
        await button(page, "Edit").click();
        expect(await draft(page).inputValue()).toBe(text);
        expect(await texts(page)).toEqual([]);
      },
      TIMEOUT,
    );
  },
  { args: ["--port", "0", "--rate-limit", "0", "--max-memory", "1m"] },
);
