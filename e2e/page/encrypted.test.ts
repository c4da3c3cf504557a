// Encrypted streams: created, shared, written and read, by people with different links.
import { expect, test } from "bun:test";
import { openLink, expectNoLink, paste, shownLink, TestStream } from "./encrypted.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { authors, button, draft, log, message, say, texts } from "./window.ts";

pageSuite("an encrypted stream", (rig) => {
  test(
    "is created, shared with writers and readers, and shows who writes",
    async () => {
      const ada = await rig().open("/new");
      await ada.getByRole("radio", { name: "Encrypted" }).check();
      await button(ada, "Create").click();
      await ada.getByRole("heading", { name: "Your encrypted stream is ready" }).waitFor();
      await button(ada, "Share").first().click();
      await ada.getByText("The link is the key. Anyone who has it can read everything and write.").waitFor();
      const writer = await shownLink(ada);
      await ada.locator('.qr path[d^="M"]').waitFor();
      await ada.getByRole("radio", { name: "Reading only" }).check();
      await ada.getByText("but not write").waitFor();
      const reader = await shownLink(ada);
      expect(reader).not.toBe(writer);
      await ada.keyboard.press("Escape");

      const bob = await openLink(rig(), writer);
      const eve = await openLink(rig(), reader);
      await button(bob, /here/).click();
      await bob.getByRole("textbox", { name: "Your name" }).fill("Bob");
      await bob.keyboard.press("Enter");
      await bob.getByRole("listitem").getByText("Bob").waitFor();
      await bob.keyboard.press("Escape");
      await say(ada, "Hello Bob");
      await message(bob, "Hello Bob").waitFor();
      await say(bob, "Hello Ada");
      for (const page of [ada, eve]) {
        await message(page, "Hello Ada").waitFor();
        await log(page).locator(".person-name").getByText("Bob").waitFor();
        expect(await texts(page)).toEqual(["Hello Bob", "Hello Ada"]);
      }
      expect(await log(ada).locator(".author em").getByText("new").count()).toBe(1);
      await say(bob, "Again");
      await message(ada, "Again").waitFor();
      expect(await authors(ada)).toHaveLength(1);
      await button(ada, /3 here/).click();
      await ada.getByRole("dialog").getByText("Bob").waitFor();

      expect(await draft(eve).count()).toBe(0);
      await eve.getByText("Your link is for readers only.").waitFor();
      await button(eve, "Share").click();
      expect(await shownLink(eve)).toBe(reader);
      expect(await eve.getByRole("radio").count()).toBe(0);
      for (const page of [ada, bob, eve]) expect(await page.title()).toBe("Encrypted stream · Malten");
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "is created and shared with the keyboard only",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("dialog", { name: "New stream" }).waitFor();
      await page.locator("dialog [data-first]:focus").waitFor();
      for (const key of ["Shift+Tab", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
      await page.getByRole("heading", { name: "Your encrypted stream is ready" }).waitFor();
      await draft(page).press("Shift+Tab");
      await button(page, "Share").first().press("Enter");
      await page.getByRole("dialog", { name: "Share this stream" }).waitFor();
      await page.locator("dialog [data-first]:focus").waitFor();
      for (const key of ["Shift+Tab", "Shift+Tab", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
      await page.getByText("Keep this one to yourself").waitFor();
      await page.keyboard.press("Escape");
      await button(page, "Encrypted: what that means").press("Enter");
      await page.getByText("We cannot read what we relay.").waitFor();
    },
    TIMEOUT,
  );

  test(
    "needs its link again after a reload, and then shows its history",
    async () => {
      await using sealed = await TestStream.create(rig());
      await sealed.stream.send("before", { name: "Ada" });
      const page = await openLink(rig(), sealed.links.writer);
      await message(page, "before").waitFor();
      expect(new URL(page.url()).hash).toBe(`#${sealed.stream.name}`);
      await page.reload();
      await page.getByRole("heading", { name: "The link is needed again" }).waitFor();
      await paste(page, sealed.links.writer);
      await message(page, "before").waitFor();
      await say(page, "after");
      await message(page, "after").waitFor();
      expectNoLink(page.url());
    },
    TIMEOUT,
  );

  test(
    "stays open while others are looked at, and its sender stays the same",
    async () => {
      await using sealed = await TestStream.create(rig());
      const bob = await openLink(rig(), sealed.links.writer);
      const page = await openLink(rig(), sealed.links.reader);
      await say(bob, "one");
      await message(page, "one").waitFor();
      for (const one of [page, bob]) {
        await one.evaluate("location.hash = 'foo'");
        await one.getByRole("heading", { name: "foo" }).waitFor();
        await one.goBack();
        await message(one, "one").waitFor();
      }
      await say(bob, "two");
      await message(page, "two").waitFor();
      // Not marked as another sender.
      expect(await authors(page)).toHaveLength(1);
      expect(await texts(bob)).toEqual(["one", "two"]);
    },
    TIMEOUT,
  );

  test(
    "is ended by its owner",
    async () => {
      await using sealed = await TestStream.create(rig());
      await sealed.stream.send("soon gone");
      const page = await openLink(rig(), sealed.links.owner);
      await message(page, "soon gone").waitFor();
      await button(page, "More").click();
      await button(page, "End this stream").click();
      await button(page, "End it for everyone").click();
      await log(page).getByText("The owner ended this stream.").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is announced without its content",
    async () => {
      await using sealed = await TestStream.create(rig());
      const context = await rig().browser.newContext();
      await context.grantPermissions(["notifications"], { origin: rig().server.url.origin });
      const page = await rig().openIn(context, sealed.links.reader);
      await page.locator(".state[data-state=live]").waitFor();
      await page.evaluate("navigator.serviceWorker.ready");
      await button(page, "Settings").click();
      await page.getByRole("checkbox", { name: /Notify me/ }).check();
      await button(page, "Done").click();
      await page.evaluate(`Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"))`);
      await sealed.stream.send("a secret", { name: "Ada" });
      await message(page, "a secret").waitFor();
      let shown: string[] = [];
      while (shown.length === 0)
        shown = await page.evaluate<string[]>(`navigator.serviceWorker.ready
          .then((worker) => worker.getNotifications())
          .then((all) => all.map(({ title, body }) => title + ": " + body))`);
      expect(shown).toEqual(["Encrypted stream: New encrypted message"]);
      expect(await page.title()).toBe("(1) Encrypted stream · Malten");

      // A click on it finds the window, although that was opened with another address.
      const [worker] = context.serviceWorkers();
      const focused = await worker?.evaluate<string>(`(async () => {
        const [notification] = await registration.getNotifications();
        const shown = new Promise((resolve) => {
          WindowClient.prototype.focus = () => resolve("focused");
          clients.openWindow = () => resolve("opened");
        });
        dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        return shown;
      })()`);
      expect(focused).toBe("focused");
    },
    TIMEOUT,
  );
});
