// Where the focus is, with the keyboard only, when what had it disappears.
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { announced, listen } from "./announced.ts";
import { shownLink } from "./encrypted.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log } from "./window.ts";

/** The accessible name of the focused element; empty for the page itself. */
const FOCUSED = `(() => {
  const { activeElement: element } = document;
  if (element === document.body) return "";
  return (element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent).trim();
})()`;

/** Resolves when this element has the focus. */
async function focusOn(element: Locator): Promise<void> {
  await element.and(element.page().locator(":focus")).waitFor();
}

/** Presses a key until the element with this name has the focus. */
async function press(page: Page, name: string, key = "Tab"): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if ((await page.evaluate<string>(FOCUSED)) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not reach ${name}`);
}

pageSuite("the focus", (rig) => {
  test(
    "goes to the messages from what is done, and leaves nothing open behind it",
    async () => {
      for (let i = 0; i < 40; i++) await rig().post("foo", `line ${i}`);
      const page = await rig().join("foo");
      await focusOn(draft(page));
      await press(page, "Messages", "Shift+Tab");
      await page.keyboard.press("Home");
      await page.getByRole("button", { name: "Jump to latest" }).waitFor();
      await press(page, "Jump to latest");
      await page.keyboard.press("Enter");
      await focusOn(log(page));

      await page.keyboard.press("Control+f");
      await focusOn(page.getByRole("searchbox", { name: "Find in messages" }));
      await press(page, "Next match");
      // Its ring is not cut off on a phone: an outline of 2 px, 2 px away.
      await page.setViewportSize({ width: 360, height: 740 });
      const next = await button(page, "Next match").boundingBox();
      const bar = await page.getByRole("search").boundingBox();
      const below = (bar?.y ?? 0) + (bar?.height ?? 0) - (next?.y ?? 0) - (next?.height ?? 0);
      expect(below).toBeGreaterThanOrEqual(4);
      await page.setViewportSize({ width: 1280, height: 720 });
      await page.keyboard.press("Escape");
      await focusOn(log(page));
      await page.getByRole("button", { name: "Find in messages", pressed: false }).waitFor();

      await press(page, "More", "Shift+Tab");
      await page.keyboard.press("Enter");
      await press(page, "From a terminal");
      await press(page, "Messages");
      await page.getByRole("button", { name: "From a terminal" }).waitFor({ state: "hidden" });
    },
    TIMEOUT,
  );

  test(
    "goes on when a message that failed is edited or discarded, and when there is nothing to write any more",
    async () => {
      const page = await rig().open("/new");
      await page.routeWebSocket(/\/events/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((data) => {
          const { Type, Ref } = JSON.parse(String(data)) as { Type: string; Ref?: unknown };
          if (Type !== "message") return server.send(data);
          socket.send(JSON.stringify({ Type: "error", Code: "text_too_long", Text: "Too long", Ref }));
        });
      });
      await focusOn(page.getByRole("textbox", { name: "Name", exact: true }));
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await focusOn(draft(page));
      for (const text of ["one", "two"]) {
        await page.keyboard.type(text);
        await page.keyboard.press("Enter");
      }
      await page.locator(".message[data-sending=failed]").nth(1).waitFor();
      await press(page, "Discard", "Shift+Tab");
      await page.keyboard.press("Enter");
      await focusOn(log(page));
      await press(page, "Edit");
      await page.keyboard.press("Enter");
      await focusOn(draft(page));
      expect(await draft(page).inputValue()).toBe("one");

      // The message box of a private stream goes with it, and what shows its life.
      await press(page, "More", "Shift+Tab");
      await page.keyboard.press("Enter");
      await press(page, "About this stream");
      await page.keyboard.press("Enter");
      await press(page, "End this stream");
      await page.keyboard.press("Enter");
      await focusOn(button(page, "Cancel"));
      await press(page, "End it for everyone");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "This stream has ended" }).waitFor();
      await focusOn(button(page, "More"));
    },
    TIMEOUT,
  );

  test(
    "stays on the button that failed, and leaves a dialog that an address opened",
    async () => {
      await rig().post("mine", "taken");
      const page = await rig().open("/new");
      await focusOn(page.getByRole("textbox", { name: "Name", exact: true }));
      await page.keyboard.type("mine");
      await press(page, "Create");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("A stream with this name already exists.").waitFor();
      expect(await page.evaluate<string>(FOCUSED)).toBe("Create");
      await page.keyboard.press("Escape");
      await focusOn(page.getByRole("heading", { name: "Malten" }));
    },
    TIMEOUT,
  );

  test(
    "is at the beginning of a pipe, whose words are announced, and in what passes through it once they match",
    async () => {
      const ada = await rig().open("/new");
      await focusOn(ada.getByRole("textbox", { name: "Name", exact: true }));
      await ada.keyboard.press("Shift+Tab");
      await ada.keyboard.press("ArrowUp");
      await ada.keyboard.press("Enter");
      const link = await shownLink(ada);
      await focusOn(log(ada));

      const bob = await rig().open("about:blank");
      await listen(bob);
      await bob.goto(link);
      await focusOn(bob.getByRole("heading", { name: "Join this pipe?" }));
      await press(bob, "Join");
      await bob.keyboard.press("Enter");
      await focusOn(draft(bob));
      await press(bob, "They match", "Shift+Tab");
      await bob.keyboard.press("Enter");
      await focusOn(log(bob));
      const heard = await announced(bob);
      expect(heard.filter((text) => text === "Compare these words")).toHaveLength(1);
      expect(heard.at(-1)).toBe("Verified");
    },
    TIMEOUT,
  );
});
