// Notifications, once turned on.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { message } from "./window.ts";

/** The notifications shown; for the browser to evaluate. */
const SHOWN = `navigator.serviceWorker.ready
  .then((worker) => worker.getNotifications())
  .then((all) => all.map(({ title, body }) => title + ": " + body))`;

/** Hides the page, which a headless browser never does. */
const HIDE = `Object.defineProperty(document, "hidden", { value: true });
  document.dispatchEvent(new Event("visibilitychange"))`;

pageSuite("notifications", (rig) => {
  test(
    "are shown while the page is hidden, and only if turned on",
    async () => {
      const context = await rig().browser.newContext();
      await context.grantPermissions(["notifications"], { origin: rig().server.url.origin });
      const page = await rig().openIn(context, "/#foo");
      await page.locator(".state[data-state=live]").waitFor();
      await page.evaluate("navigator.serviceWorker.ready");
      await rig().post("foo", "not asked for");
      await message(page, "not asked for").waitFor();

      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("checkbox", { name: /Notify me/ }).check();
      await page.getByRole("button", { name: "Done" }).click();
      await rig().post("foo", "seen");
      await message(page, "seen").waitFor();
      expect(await page.evaluate<string[]>(SHOWN)).toEqual([]);

      await page.evaluate(HIDE);
      await rig().post("foo", "while you were away");
      await message(page, "while you were away").waitFor();
      expect(await page.title()).toBe("(1) foo · Malten");
      let shown: string[] = [];
      while (shown.length === 0) shown = await page.evaluate<string[]>(SHOWN);
      expect(shown).toEqual(["foo: while you were away"]);
    },
    TIMEOUT,
  );
});
