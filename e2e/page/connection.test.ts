// What becomes of the page when the server or the connection goes.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message, say, state, texts } from "./window.ts";

pageSuite("a connection", (rig) => {
  test(
    "is lost and comes again: the draft and what was sent meanwhile are kept, and what is gone is said",
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

      await rig().startAgain(port);
      for (const page of [ada, bob]) await state(page, "Live").waitFor();
      // What was lost with the server is not passed over in silence.
      await log(bob).getByText("Some messages are gone.").waitFor();
      for (const page of [ada, bob]) await message(page, "meanwhile").waitFor();
      expect(await draft(ada).inputValue()).toBe("a draft");
      await say(bob, "after");
      await message(ada, "after").waitFor();
      for (const page of [ada, bob]) expect(await texts(page)).toEqual(["before", "meanwhile", "after"]);
    },
    TIMEOUT,
  );

  test(
    "is not there when the page is opened: it is as soon as the server is",
    async () => {
      const page = await rig().join("foo");
      await page.evaluate("navigator.serviceWorker.ready");
      const { port } = rig().server;
      await rig().server.stop();
      // The service worker has what the page is made of, and nothing of what was said.
      await page.reload();
      await state(page, "Reconnecting").first().waitFor();
      await page.getByText("What was written before cannot be loaded.").waitFor();
      await rig().startAgain(port);
      await rig().post("foo", "here again");
      await message(page, "here again").waitFor();
      await state(page, "Live").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is not there while another stream is looked at: what was not sent is a draft again",
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
    "comes again: who left meanwhile is not here any more",
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
      await rig().startAgain(port);
      await state(ada, "Live").waitFor();
      await shown.waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "is cut by the browser going offline, and said so",
    async () => {
      const page = await rig().join("foo");
      await page.context().setOffline(true);
      await page.getByText("You are offline.").waitFor();
      await page.context().setOffline(false);
      await page.getByText("You are offline.").waitFor({ state: "detached" });
    },
    TIMEOUT,
  );
});

pageSuite(
  "a server that is full",
  (rig) => {
    test(
      "says so, and the message is kept, to be sent again or given up",
      async () => {
        const page = await rig().join("foo");
        // More than there is memory for.
        const text = "x".repeat(1000);
        for (;;) {
          const url = new URL("/messages?stream=big", rig().server.url);
          if ((await fetch(url, { method: "POST", body: new URLSearchParams({ text }) })).status === 503)
            break;
        }
        await say(page, text);
        const failed = page.locator('.message[data-sending="failed"]');
        await failed
          .getByText(/The server’s memory is full\..* Trying again in/)
          .first()
          .waitFor();
        await button(page, "Try now").click();
        await failed.getByText("The server’s memory is full.").first().waitFor();
        await button(page, "Edit").click();
        expect(await draft(page).inputValue()).toBe(text);
        expect(await texts(page)).toEqual([]);
      },
      TIMEOUT,
    );
  },
  { args: ["--port", "0", "--rate-limit", "0", "--max-memory", "1m"] },
);
