// The search in the messages, and the way to the first unread one.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, isShown, log, message, texts } from "./window.ts";

/** Waits until these texts are marked: they are marked after the result is on the screen. */
async function isMarked(page: Page, name: string, marks: readonly string[]): Promise<void> {
  const expected = JSON.stringify(JSON.stringify(marks));
  await page.evaluate(`(async () => {
    const marked = () => JSON.stringify([...(CSS.highlights.get("${name}") ?? [])].map(String));
    while (marked() !== ${expected}) await new Promise(requestAnimationFrame);
  })()`);
}

pageSuite("the search", (rig) => {
  test(
    "finds what is kept, also what was not loaded yet, and goes from one to the next",
    async () => {
      await rig().post("foo", "The needle", "Ada");
      for (let i = 0; i < 300; i++) await rig().post("foo", `hay ${i}`);
      await rig().post("foo", "Another NEEDLE, and `needle`");
      const page = await rig().join("foo");
      await message(page, "hay 299").waitFor();
      await page.keyboard.press("Control+f");
      const field = page.getByRole("searchbox", { name: "Find in messages" });
      await field.pressSequentially("needle");
      const result = page.locator(".find").getByRole("status");
      await result.getByText("3 of 3").waitFor();
      await isMarked(page, "found", ["needle", "NEEDLE", "needle"]);
      await field.press("Enter");
      await result.getByText("1 of 3").waitFor();
      expect(await isShown(page, "The needle")).toBe(true);
      await button(page, "Previous match").click();
      await result.getByText("3 of 3").waitFor();
      await button(page, "Previous match").click();
      await result.getByText("2 of 3").waitFor();
      await isMarked(page, "found-current", ["NEEDLE"]);
      await look(page, "light-1280-find");

      // What comes meanwhile is found, and the present one stays.
      await rig().post("foo", "a third needle");
      await result.getByText("2 of 4").waitFor();
      await field.fill("ada");
      await result.getByText("1 of 1").waitFor();
      await field.fill("(nothing");
      await result.getByText("No matches").waitFor();

      // Of very many, the newest: a range for each would stop the page.
      for (let i = 0; i < 2; i++) await rig().post("foo", "§".repeat(1024));
      await field.fill("§");
      await result.getByText(/^1,000 of \u20681,000\+/).waitFor();
      await isMarked(page, "found", Array<string>(1000).fill("§"));
      await field.press("Escape");
      await field.waitFor({ state: "detached" });
      await isMarked(page, "found", []);
      expect((await texts(page)).length).toBe(305);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );
});

/** Hides the page from its own scripts, as another tab does, or shows it again. */
function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate(`Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"))`);
}

pageSuite("unread messages", (rig) => {
  test(
    "have a mark before the first one, which is a click away for someone who comes back",
    async () => {
      await rig().post("foo", "seen");
      const page = await rig().join("foo", { width: 360, height: 740, dark: true });
      await message(page, "seen").waitFor();
      await setHidden(page, true);
      for (let i = 0; i < 60; i++) await rig().post("foo", `unseen ${i}`);
      await message(page, "unseen 59").waitFor();
      await setHidden(page, false);
      const order = `[...document.querySelectorAll(".log > li")].slice(0, 3).map((line) => line.className).join()`;
      expect(await page.evaluate<string>(order)).toBe("message,event unread-mark,message");
      await button(page, "Jump to first unread").waitFor();
      await look(page, "dark-360-unread");
      await button(page, "Jump to first unread").click();
      await button(page, "Jump to first unread").waitFor({ state: "detached" });
      expect(await isShown(page, "unseen 0")).toBe(true);
      await button(page, "Jump to latest").click();
      // Whoever writes has read.
      await draft(page).fill("I am back");
      await draft(page).press("Enter");
      await log(page).locator(".unread-mark").waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "that came below are a click away for someone who reads older ones",
    async () => {
      for (let i = 0; i < 40; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 39").waitFor();
      await log(page).focus();
      await page.keyboard.press("PageUp");
      await button(page, "Jump to latest").waitFor();
      for (let i = 0; i < 60; i++) await rig().post("foo", `new ${i}`);
      await button(page, "60 new").click();
      expect(await isShown(page, "new 0")).toBe(true);
      expect(await isShown(page, "new 59")).toBe(false);
      await button(page, "Jump to latest").click();
      expect(await isShown(page, "new 59")).toBe(true);
    },
    TIMEOUT,
  );
});
