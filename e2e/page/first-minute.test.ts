// A visitor's first minute: what the start page says, and a room with a link.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, listed, message, say } from "./window.ts";

/** The name of a private stream in the address bar. */
const PRIVATE = /^#\.[a-z0-9]{26}$/;

function focusedSearch(page: Page): Promise<boolean> {
  return page.evaluate<boolean>("document.activeElement.type === 'search'");
}

pageSuite("the first minute", (rig) => {
  test(
    "has a private room and its link after one click, and a second person in it",
    async () => {
      const page = await rig().open("/");
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByText("Chat rooms and log streams that delete themselves.").waitFor();
      await button(page, "Start a private stream").click();
      await page.getByRole("status").getByText("Link copied.").waitFor();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      const link = await page.evaluate<string>("navigator.clipboard.readText()");
      expect(link).toBe(page.url());
      expect(new URL(link).hash).toMatch(PRIVATE);

      const guest = await rig().open(link);
      await draft(guest).waitFor();
      await say(guest, "found it");
      await message(page, "found it").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "shows the link of a private room where the browser does not let it be copied",
    async () => {
      const page = await rig().open("about:blank");
      await page.addInitScript(
        "Object.defineProperty(navigator, 'clipboard', { value: { write: () => Promise.reject(new Error('denied')) } })",
      );
      await page.goto(rig().server.url.href);
      await button(page, "Start a private stream").click();
      const link = page.getByRole("dialog").getByRole("textbox", { name: "Link" });
      expect(await link.inputValue()).toBe(page.url());
    },
    TIMEOUT,
  );

  test(
    "says why a private room could not be had",
    async () => {
      const page = await rig().open("/");
      await page.route("**/streams?*", (route) => route.abort());
      await page.route("**/streams", (route) => route.abort());
      await button(page, "Start a private stream").click();
      await page.getByRole("main").getByRole("alert").getByText("Can’t reach the server.").waitFor();
      await page.getByText("Couldn’t load streams. Retrying…").waitFor();
    },
    TIMEOUT,
  );

  test(
    "shows streams as things that live",
    async () => {
      await rig().post("foo", "hello");
      await rig().post("_", "hello");
      const page = await rig().open("/", { width: 1440, height: 900 });
      await listed(page, "The common room").waitFor();
      await page.locator(".live-ring").getByText("2", { exact: true }).waitFor();
      expect(await page.locator(".pulse").count()).toBe(0);
      // Someone listens: the ring has a dot.
      const ring = listed(page, "foo").locator(".stream-life");
      expect(await ring.getAttribute("data-here")).toBe("false");
      await rig().join("foo");
      await listed(page, "foo").getByText("1 here").waitFor();
      expect(await ring.getAttribute("data-here")).toBe("true");
      // Someone writes: it pulses.
      await rig().post("foo", "again");
      await listed(page, "foo").locator(".pulse").waitFor({ state: "attached" });
      expect(await listed(page, "The common room").locator(".pulse").count()).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "calls the common room the same wherever it is",
    async () => {
      const page = await rig().open("/");
      await page.getByRole("main").getByRole("link", { name: "The common room" }).click();
      await draft(page).fill("hello");
      await page.keyboard.press("Enter");
      await listed(page, "The common room").waitFor();
      expect(new URL(page.url()).hash).toBe("#_");
      expect(await page.title()).toBe("The common room · Malten");
      await button(page, "Share").first().click();
      await page.getByRole("dialog", { name: /Share.*The common room/ }).waitFor();
    },
    TIMEOUT,
  );

  test(
    "begins at the field that finds streams, except on phones; an empty list has a line to try",
    async () => {
      const page = await rig().open("/");
      await page.getByText("No streams right now").waitFor();
      expect(await focusedSearch(page)).toBe(true);
      const line = await page.locator(".explore .command pre").textContent();
      expect(line).toBe(`curl -d text=hello "${rig().server.url.origin}/messages?stream=hello"`);
      const phone = await rig().browser.newContext({ isMobile: true, hasTouch: true });
      const small = await rig().openIn(phone, "/");
      await small.getByText("No streams right now").waitFor();
      expect(await focusedSearch(small)).toBe(false);
    },
    TIMEOUT,
  );

  test(
    "leads from the address that someone said aloud to the stream",
    async () => {
      await rig().post("kb", "hello");
      const page = await rig().open("/kb");
      await message(page, "hello").waitFor();
      expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe("/#kb");
    },
    TIMEOUT,
  );

  test(
    "is not over before the list is seen on a phone",
    async () => {
      for (let i = 0; i < 9; i++) await rig().post(`stream-${i}`, "hello");
      const page = await rig().open("/", { width: 360, height: 740 });
      await listed(page, "stream-5").waitFor();
      const third = await page.locator(".stream").nth(2).boundingBox();
      expect((third?.y ?? 740) + (third?.height ?? 0)).toBeLessThan(740);
      // Between phone and desktop, the list is as wide as what is above it.
      await page.setViewportSize({ width: 768, height: 1024 });
      const [uses, list] = await Promise.all([
        page.locator(".uses").boundingBox(),
        page.locator(".streams").boundingBox(),
      ]);
      expect(Math.abs((uses?.width ?? 0) - (list?.width ?? 1e6))).toBeLessThan(2);
    },
    TIMEOUT,
  );
});
