// What can be done with a message: replying and copying, with a mouse, the keyboard or a finger.
import { expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message } from "./window.ts";

async function copied(page: Page): Promise<string> {
  await page.getByRole("status").getByText("Copied").waitFor();
  return page.evaluate<string>("navigator.clipboard.readText()");
}

function allowClipboard(context: BrowserContext): Promise<void> {
  return context.grantPermissions(["clipboard-read", "clipboard-write"]);
}

pageSuite("a message", (rig) => {
  test(
    "is answered with a quote and copied, with a mouse; the draft stays",
    async () => {
      await rig().post("foo", "> Bob: when?\n\nAt `eight`, I think", "Ada");
      const page = await rig().join("foo");
      await allowClipboard(page.context());
      await draft(page).fill("Fine");
      await log(page).getByText("I think").hover();
      await button(page, "Reply").click();
      expect(await draft(page).inputValue()).toBe("> Ada: At `eight`, I think\n\nFine");
      await page.keyboard.type(" with me");
      await page.keyboard.press("Enter");
      const answer = page.locator('.message[data-own="true"]');
      await answer.locator("blockquote").getByText("Ada: At eight, I think").waitFor();
      expect(await answer.locator("p").textContent()).toBe("Fine with me");

      await log(page).getByText("I think").first().hover();
      await button(page, "Copy").click();
      expect(await copied(page)).toBe("> Bob: when?\n\nAt `eight`, I think");
      await draft(page).hover();
      await button(page, "Copy").waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "is reached, answered and copied with the keyboard",
    async () => {
      for (let i = 0; i < 3; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await allowClipboard(page.context());
      await message(page, "message 2").waitFor();
      await log(page).focus();
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      await button(page, "Copy").waitFor();
      expect(await page.evaluate<string>("document.activeElement.textContent")).toContain("message 1");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      expect(await copied(page)).toBe("message 1");
      await page.keyboard.press("Escape");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      expect(await draft(page).inputValue()).toBe("> message 2\n\n");
      await page.keyboard.type("Yes");
      expect(await draft(page).inputValue()).toBe("> message 2\n\nYes");
    },
    TIMEOUT,
  );

  test(
    "shows its exact time and what can be done with it when it is touched",
    async () => {
      await rig().post("foo", "touch me");
      const context = await rig().browser.newContext({
        isMobile: true,
        hasTouch: true,
        viewport: { width: 360, height: 740 },
      });
      const page = await rig().openIn(context, "/#foo");
      await message(page, "touch me").tap();
      await look(page, "light-360-actions");
      await page
        .locator(".exact-time")
        .getByText(/:\d\d:\d\d/)
        .waitFor();
      for (const name of ["Reply", "Copy"]) {
        // WCAG 2.2, 2.5.8 asks for 24.
        const box = await button(page, name).boundingBox();
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
      }
      await button(page, "Reply").tap();
      expect(await draft(page).inputValue()).toBe("> touch me\n\n");
      await button(page, "Reply").waitFor({ state: "detached" });
    },
    TIMEOUT,
  );
});
