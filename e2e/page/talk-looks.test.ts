// How a conversation looks: screenshots for people, accessibility checks by axe.
import { test } from "bun:test";
import type { Page } from "playwright-core";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { draft, log, message, say } from "./window.ts";

/** Who said what, in order. */
const TALK: readonly (readonly [name: string | undefined, text: string])[] = [
  ["Ada", "The hut has six beds left for Saturday."],
  ["Ada", "Shall we?"],
  ["Bob", "Count me in. I can take the 7:12 from Zürich."],
  ["Bob", "> Shall we?\nYes!"],
  [undefined, "Is there a key, or is somebody up there?"],
  ["Ada", "Somebody: https://example.com/huts/42 (https://example.com/a_(b)?q=1)."],
  ["Bob", "🎉🏔️"],
  [
    "Ada",
    "Run `malten tail hut`, or:\n```\ncurl -N 'https://malten.example/events?stream=hut'\n\techo done\n```\nand wait.",
  ],
  ["ليلى", "سأحضر الخبز والقهوة."],
  ["A name as long as they may be…32", "I’ll bring the rope. ".repeat(12).trim()],
];

async function postTalk(rig: Rig): Promise<void> {
  for (const [name, text] of TALK) await rig.post("hut", text, name);
}

/** Writes the first message, with a name. */
async function introduce(page: Page, name: string, text: string): Promise<void> {
  await draft(page).fill(text);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await draft(page).press("Enter");
  await page.locator(".message:not([data-sending])").getByText(text).waitFor();
}

pageSuite("looks: talk", (rig) => {
  test(
    "names, code, quotes and emoji; the name that is asked for; what can be done with a message; a search",
    async () => {
      await postTalk(rig());
      const page = await rig().join("hut");
      await message(page, "I’ll bring the rope. ".repeat(12).trim()).waitFor();
      await draft(page).fill("Then I come too.");
      await page.getByRole("textbox", { name: "Your name" }).waitFor();
      await look(page, "name-prompt");
      await introduce(page, "Eve", "Then I come too.");
      await say(page, "> I’ll bring the rope.\nAnd I the `map`.");
      await say(page, "👍");
      await rig().post("hut", "Perfect.", "Ada");
      await message(page, "Perfect.").waitFor();
      await look(page, "names");
      await message(page, "Perfect.").hover();
      await page.locator(".message-actions").waitFor();
      await look(page, "message-actions");
      await page.mouse.move(0, 0);
      await page.keyboard.press("Control+f");
      await page.getByRole("searchbox", { name: "Find in messages" }).fill("the");
      await page.locator(".find").getByRole("status").getByText(/of/).waitFor();
      await look(page, "find");
      await page.getByRole("searchbox", { name: "Find in messages" }).fill("nothing like it");
      await page.locator(".find").getByRole("status").getByText("No matches").waitFor();
      await look(page, "find-nothing");
    },
    TIMEOUT,
  );

  test(
    "one message; a mark before those that came meanwhile",
    async () => {
      await rig().post("foo", "The only one.", "Ada");
      const page = await rig().join("foo");
      await message(page, "The only one.").waitFor();
      await look(page, "one-message");
      await page.evaluate(`Object.defineProperty(document, "hidden", { value: true, configurable: true })`);
      for (const text of ["Anybody?", "Hello?"]) await rig().post("foo", text, "Bob");
      await log(page).locator(".unread-mark").waitFor();
      await look(page, "unread");
    },
    TIMEOUT,
  );

  test(
    "a message that was refused",
    async () => {
      const page = await rig().open("/");
      await page.routeWebSocket(/\/events/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((data) => {
          const frame = JSON.parse(String(data)) as { Type: string; Ref?: unknown };
          if (frame.Type !== "message") return server.send(data);
          socket.send(
            JSON.stringify({ Type: "error", Code: "text_too_long", Text: "Too long", Ref: frame.Ref }),
          );
        });
      });
      await page.evaluate("location.hash = 'foo'");
      await page.locator(".state[data-state=live]").waitFor();
      await say(page, "Into the void, and at such a length that it takes more than a line.");
      await page.locator('.message[data-sending="failed"]').waitFor();
      await look(page, "refused");
    },
    TIMEOUT,
  );
});
