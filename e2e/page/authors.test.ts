// Who said what: names, their colours, and how the page asks for one's own.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { authors, button, draft, log, message, say } from "./window.ts";

/** The field in which the page asks for a name. */
function nameField(page: Page) {
  return page.getByRole("textbox", { name: "Your name" });
}

/** Writes the first message, with a name. */
async function introduce(page: Page, name: string, text: string): Promise<void> {
  await draft(page).fill(text);
  await nameField(page).fill(name);
  await draft(page).press("Enter");
  await page.locator(".message:not([data-sending])").getByText(text).waitFor();
}

pageSuite("authors", (rig) => {
  test(
    "are shown once for each run of messages, in a colour of their own; one's own messages by their side",
    async () => {
      await rig().post("foo", "one", "Ada");
      await rig().post("foo", "two", "Ada");
      await rig().post("foo", "three");
      const page = await rig().join("foo");
      await message(page, "three").waitFor();
      expect(await authors(page)).toEqual(["Ada", "No name"]);
      await introduce(page, "Eve", "mine");
      await rig().post("foo", "four", "Bob");
      await rig().post("foo", "five", "Ada");
      await message(page, "five").waitFor();
      expect(await authors(page)).toEqual(["Ada", "No name", "Bob", "Ada"]);
      const colours = await page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-first="true"] .person-name')].map((name) => getComputedStyle(name).color)`,
      );
      expect(colours[0]).toBe(colours[2] ?? "");
      expect(colours[0]).not.toBe(colours[1]);
      expect(await page.locator('.message[data-own="true"] .body').allTextContents()).toEqual(["mine"]);
      const other = await rig().join("foo");
      await message(other, "five").waitFor();
      expect(await authors(other)).toEqual(["Ada", "No name", "Eve", "Bob", "Ada"]);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "without a name are not like someone who is called so",
    async () => {
      await rig().post("foo", "by nobody");
      await rig().post("foo", "by somebody", "No name");
      const page = await rig().join("foo");
      await message(page, "by somebody").waitFor();
      expect(await authors(page)).toEqual(["No name", "No name"]);
      const looks = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll(".author > *")].map((name) => {
        const { color, fontStyle, fontWeight } = getComputedStyle(name);
        return [fontStyle, fontWeight, color].join();
      })`);
      expect(looks[0]).toStartWith("italic,400,");
      expect(looks[1]).toStartWith("normal,600,");
      expect(looks[0]?.split(",").slice(2)).not.toEqual(looks[1]?.split(",").slice(2));
    },
    TIMEOUT,
  );

  test(
    "with one's own name are others all the same",
    async () => {
      const page = await rig().join("foo");
      await introduce(page, "Ada", "by me");
      await rig().post("foo", "by another", "Ada");
      await message(page, "by another").waitFor();
      const own = page.locator('.message[data-own="true"] .body');
      expect(await own.allTextContents()).toEqual(["by me"]);
      expect(await authors(page)).toEqual(["Ada"]);
    },
    TIMEOUT,
  );

  test(
    "are shown with the first messages, before the rest of the page has loaded",
    async () => {
      await rig().post("foo", "hello", "Ada");
      await rig().post("foo", "again", "Ada");
      const context = await rig().browser.newContext({ serviceWorkers: "block" });
      const page = await context.newPage();
      await page.route("**/assets/main*", () => new Promise(() => {}));
      await page.goto(new URL("/#foo", rig().server.url).href);
      await page.locator("[data-shell] .message").nth(1).waitFor();
      expect(await page.locator('[data-shell] [data-first="true"] .author').allInnerTexts()).toEqual(["Ada"]);
      expect(await page.locator("[data-shell] time:visible").count()).toBe(1);
    },
    TIMEOUT,
  );
});

pageSuite("the user's name", (rig) => {
  test(
    "is asked for with the first message, and kept for the tab",
    async () => {
      const page = await rig().join("foo");
      expect(await nameField(page).count()).toBe(0);
      await draft(page).fill("hello");
      await nameField(page).fill("x".repeat(33));
      await page.getByText("Names prove nothing").waitFor();
      await look(page, "light-1280-name-prompt");
      await button(page, "Send").click();
      // Nothing is sent or lost.
      await page.getByRole("alert").getByText("up to 32 characters").waitFor();
      expect(await draft(page).inputValue()).toBe("hello");
      expect(await page.locator(".message").count()).toBe(0);
      await nameField(page).fill("Ada");
      await page.keyboard.press("Enter");
      await page.keyboard.type(" you");
      await page.keyboard.press("Enter");
      await message(page, "hello you").waitFor();
      expect(await nameField(page).count()).toBe(0);
      expect(await draft(page).getAttribute("placeholder")).toBe("Message as \u2068Ada\u2069");

      await page.reload();
      await draft(page).fill("after a reload");
      expect(await nameField(page).count()).toBe(0);
      await draft(page).press("Enter");
      await message(page, "after a reload").waitFor();
      const bob = await rig().join("foo");
      await message(bob, "after a reload").waitFor();
      expect(await authors(bob)).toEqual(["Ada"]);
    },
    TIMEOUT,
  );

  test(
    "is not asked for again by those who write without one; they can still take one",
    async () => {
      const page = await rig().join("foo");
      const bob = await rig().join("foo");
      await say(page, "hello");
      await message(bob, "hello").waitFor();
      await draft(page).fill("more");
      expect(await nameField(page).count()).toBe(0);
      await page.reload();
      await draft(page).fill("more");
      await log(page).getByText("hello").waitFor();
      expect(await nameField(page).count()).toBe(0);
      await button(page, /here/).click();
      await nameField(page).fill("Ada");
      await page.keyboard.press("Enter");
      await page.getByRole("listitem").getByText("Ada").waitFor();
      await page.keyboard.press("Escape");
      await say(page, "more");
      await message(bob, "more").waitFor();
      expect(await authors(bob)).toEqual(["No name", "Ada"]);
    },
    TIMEOUT,
  );
});
