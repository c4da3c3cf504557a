// The page by keyboard, and what screen readers announce.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { announced, listen } from "./announced.ts";
import { Socket } from "./socket.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { draft, listed, log, message, state } from "./window.ts";

/** The accessible name of the focused element. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>(
    `(document.activeElement.getAttribute("aria-label") ?? document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent).trim()`,
  );
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 30; i++) {
    if ((await focused(page)).startsWith(name)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${name}`);
}

pageSuite("with the keyboard only", (rig) => {
  test(
    "a stream is created, shared, written to, left and opened again",
    async () => {
      const page = await rig().open("/");
      await tabTo(page, "New stream");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "New stream" }).waitFor();
      expect(await focused(page)).toBe("Name");
      await page.keyboard.type("mine");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await tabTo(page, "Message");
      await page.keyboard.type("hello");
      await page.keyboard.press("Enter");
      await message(page, "hello").waitFor();
      expect(await focused(page)).toBe("Message");

      await page.keyboard.press("Shift+Tab");
      expect(await focused(page)).toBe("Messages");
      await page.keyboard.press("Shift+Tab");
      expect(await focused(page)).toBe("More");
      await page.keyboard.press("Shift+Tab");
      expect(await focused(page)).toBe("Share");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: /Share.*mine/ }).waitFor();
      await page.keyboard.press("Escape");
      // The focus is restored.
      expect(await focused(page)).toBe("Share");

      await tabTo(page, "mine");
      await page.keyboard.press("Enter");
      await message(page, "hello").waitFor();
    },
    TIMEOUT,
  );

  test(
    "messages are announced once, without their times; history is not announced",
    async () => {
      for (let i = 0; i < 30; i++) await rig().post("foo", `before ${i}`);
      const page = await rig().open("about:blank");
      await listen(page);
      await page.goto(new URL("/#foo", rig().server.url).href);
      await message(page, "before 0").waitFor();
      await state(page, "Live").waitFor();
      await log(page).and(page.locator("[aria-live=polite]")).waitFor();
      expect(await announced(page)).toEqual(["Live"]);
      await rig().post("foo", "from others");
      await rig().post("foo", "from Ada", "Ada");
      await rig().post("foo", "from Ada again", "Ada");
      await message(page, "from Ada again").waitFor();
      // What can be done with a message is not announced.
      await message(page, "from Ada").hover();
      await log(page).getByRole("button", { name: "Copy" }).waitFor();
      await draft(page).fill("my own");
      await page.keyboard.press("Enter");
      await page.locator(".message:not([data-sending])").getByText("my own").waitFor();
      expect(await announced(page)).toEqual([
        "No name from others",
        "Ada from Ada",
        "Ada from Ada again",
        "you my own",
      ]);
    },
    TIMEOUT,
  );

  test(
    "what happens to the stream and to the connection is announced once",
    async () => {
      const page = await rig().open("about:blank");
      await page.clock.install();
      const socket = await Socket.of(page);
      await listen(page);
      await rig().post("foo", "before");
      await page.goto(new URL("/#foo", rig().server.url).href);
      await state(page, "Live").waitFor();
      await log(page).and(page.locator("[aria-live=polite]")).waitFor();
      expect(await announced(page)).toEqual(["Live"]);
      await socket.expiring("foo", 60);
      const notice = page.locator(".notice");
      await notice.getByRole("status").getByText("This stream expires in").waitFor();
      const before = await notice.locator("[aria-hidden=true]").textContent();
      await page.clock.fastForward(5000);
      await notice
        .locator("[aria-hidden=true]")
        .filter({ hasNotText: before ?? "" })
        .waitFor();
      const heard = await announced(page);
      expect(heard).toHaveLength(1);
      expect(heard[0]).toStartWith("This stream expires in");
      await socket.expired("foo");
      await log(page).getByText("This stream went quiet and expired.").waitFor();
      expect(await announced(page)).toEqual(["Ended", "This stream went quiet and expired."]);
      await page.context().setOffline(true);
      await state(page, "Offline").waitFor();
      expect(await announced(page)).toEqual(["Offline"]);
      await page.context().setOffline(false);
      await state(page, "Ended").waitFor();
      expect(await announced(page)).toEqual(["Ended"]);
    },
    TIMEOUT,
  );

  test(
    "messages are read with author and text, also where the author is not shown",
    async () => {
      await rig().post("foo", "Hello", "Ada");
      await rig().post("foo", "Anybody?", "Ada");
      await rig().post("foo", "Here!");
      const page = await rig().join("foo");
      await message(page, "Here!").waitFor();
      await draft(page).fill("Me too");
      await draft(page).press("Enter");
      await page.locator(".message:not([data-sending])").getByText("Me too").waitFor();
      const heard = await log(page).getByRole("list").ariaSnapshot();
      const words = heard.match(/Ada|No name|you|Hello|Anybody\?|Here!|Me too/g);
      expect(words).toEqual(["Ada", "Hello", "Ada", "Anybody?", "No name", "Here!", "you", "Me too"]);
    },
    TIMEOUT,
  );

  test(
    "the first Tab skips to the message box",
    async () => {
      // On a phone, where the message box is not focused at first.
      const context = await rig().browser.newContext({ isMobile: true, hasTouch: true });
      const page = await rig().openIn(context, "/#foo");
      await page.locator(".state[data-state=live]").waitFor();
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe("Skip to the message box");
      await page.keyboard.press("Enter");
      expect(await focused(page)).toBe("Message");
      expect(new URL(page.url()).hash).toBe("#foo");
    },
    TIMEOUT,
  );

  test(
    "Ctrl+K finds and opens a stream from anywhere, and Escape leads back",
    async () => {
      for (const name of ["alpha", "beta"]) await rig().post(name, `hello ${name}`);
      const page = await rig().join("alpha");
      await draft(page).fill("a / b");
      // In a text, a slash is a slash.
      await page.keyboard.press("/");
      expect(await draft(page).inputValue()).toBe("a / b/");
      await page.keyboard.press("Control+k");
      expect(await focused(page)).toBe("Find or open by name");
      await page.keyboard.press("Escape");
      expect(await focused(page)).toBe("Message");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("be");
      await listed(page, "alpha").waitFor({ state: "detached" });
      await page.keyboard.press("Enter");
      await message(page, "hello beta").waitFor();

      await log(page).focus();
      await page.keyboard.press("/");
      expect(await focused(page)).toBe("Find or open by name");
      expect(await page.getByRole("searchbox").inputValue()).toBe("be");
      await page.keyboard.type("x");
      await page.getByText("No public stream starts with").waitFor();
      await page.keyboard.press("Escape");
      await listed(page, "alpha").waitFor();
      await page.keyboard.press("ArrowDown");
      expect(await page.evaluate<string>("document.activeElement.className")).toBe("stream");
      await page.keyboard.press("ArrowUp");
      expect(await focused(page)).toBe("Find or open by name");

      // Where there is no room for the list, it is on the start page.
      await page.setViewportSize({ width: 500, height: 700 });
      await page.locator(".explore").waitFor({ state: "detached" });
      await page.keyboard.press("Control+k");
      await page.getByRole("searchbox").waitFor();
      expect(await focused(page)).toBe("Find or open by name");
    },
    TIMEOUT,
  );

  test(
    "buttons with nothing but an icon say what they do",
    async () => {
      const page = await rig().join("foo");
      await page.getByRole("button", { name: "Share" }).first().click();
      await page.getByRole("dialog").waitFor();
      const unnamed = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll(".icon-button, .send, .search")]
        .filter(({ title, ariaLabel }) => !title || !ariaLabel || !title.startsWith(ariaLabel))
        .map(({ outerHTML }) => outerHTML)`);
      expect(unnamed).toEqual([]);
    },
    TIMEOUT,
  );
});
