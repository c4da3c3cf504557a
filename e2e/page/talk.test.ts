// Two people in a stream.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, isShown, message, say, state, texts } from "./window.ts";

/** On which side of the log each message is, and whether its time is on a line of its own; for the browser to evaluate. */
const OWN = `[...document.querySelectorAll(".message")].map((row) => {
  const [outer, text, time] = [row, row.querySelector("p"), row.querySelector("time")].map((one) => one.getBoundingClientRect());
  const both = [Math.min(text.left, time.left) - outer.left, outer.right - Math.max(text.right, time.right)];
  return { side: both[0] > both[1] ? "right" : "left", apart: time.top >= text.bottom };
})`;

pageSuite("talking", (rig) => {
  test(
    "shows the history, then what two people write to each other",
    async () => {
      await rig().post("foo", "before you came");
      await rig().post("bar", "in another stream");
      const ada = await rig().join("foo");
      const bob = await rig().join("foo");
      for (const page of [ada, bob]) await message(page, "before you came").waitFor();

      await say(ada, "Hello Bob");
      await message(bob, "Hello Bob").waitFor();
      await say(bob, "Hello Ada");
      await message(ada, "Hello Ada").waitFor();

      for (const page of [ada, bob]) {
        expect(await texts(page)).toEqual(["before you came", "Hello Bob", "Hello Ada"]);
        expect(await page.title()).toBe("foo · Malten");
        await button(page, "2 here").waitFor();
      }
      expect(await draft(ada).inputValue()).toBe("");
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "sends on Enter, and starts a new line on Shift+Enter",
    async () => {
      const page = await rig().join("foo");
      await draft(page).pressSequentially("one");
      await draft(page).press("Shift+Enter");
      await draft(page).pressSequentially("two");
      await draft(page).press("Enter");
      await message(page, "one\ntwo").waitFor();
      await state(page, "Live").waitFor();
      expect(await texts(page)).toEqual(["one\ntwo"]);
    },
    TIMEOUT,
  );

  test(
    "counts down to the limit, and offers to split a text that is too long",
    async () => {
      const page = await rig().join("foo");
      await draft(page).fill("x".repeat(1000));
      await page.getByText("24 characters left").waitFor();

      const long = `${"word ".repeat(150)}\n\n${"other ".repeat(150)}`.trim();
      await draft(page).fill(long);
      await page.getByText("627 characters too many").waitFor();
      await draft(page).press("Enter");
      // Nothing is cut or sent.
      expect(await draft(page).inputValue()).toBe(long);
      await button(page, "Send as 2 messages").click();
      await message(page, "word ".repeat(150).trim()).waitFor();
      await message(page, "other ".repeat(150).trim()).waitFor();
      expect(await texts(page)).toHaveLength(2);
      expect(await draft(page).inputValue()).toBe("");
    },
    TIMEOUT,
  );

  test(
    "shows who is here and who is typing",
    async () => {
      const ada = await rig().join("foo");
      const bob = await rig().join("foo");
      await button(bob, "2 here").click();
      await bob.getByRole("textbox", { name: "Your name" }).fill("Bob");
      await bob.keyboard.press("Enter");
      await bob.getByRole("listitem").getByText("Bob").waitFor();
      await bob.keyboard.press("Escape");

      await button(ada, "2 here").click();
      await ada.getByRole("listitem").getByText("Bob").waitFor();
      await ada.getByText("1 without a name").waitFor();
      await ada.keyboard.press("Escape");

      await draft(bob).pressSequentially("I think");
      await ada.getByText("Bob\u2069 is typing").waitFor();
      await draft(bob).press("Enter");
      await message(ada, "I think").waitFor();
      await ada.getByText("Bob\u2069 is typing").waitFor({ state: "detached" });
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "keeps the position of someone reading older messages, and counts new ones",
    async () => {
      for (let i = 0; i < 40; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 39").waitFor();
      expect(await isShown(page, "message 39")).toBe(true);

      await page.getByRole("log").hover();
      await page.mouse.wheel(0, -600);
      await button(page, "Jump to latest").waitFor();
      const before = await message(page, "message 20").boundingBox();
      for (let i = 0; i < 3; i++) await rig().post("foo", `new ${i}`);
      await button(page, "3 new").waitFor();
      expect(await message(page, "message 20").boundingBox()).toEqual(before);

      await button(page, "3 new").click();
      await button(page, "3 new").waitFor({ state: "detached" });
      expect(await isShown(page, "new 2")).toBe(true);
    },
    TIMEOUT,
  );

  for (const { locale, side } of [
    { locale: "en-GB", side: "right" },
    { locale: "ar", side: "left" },
  ]) {
    test(
      `has the user's own messages on one side, whatever their script, with their time beside them: ${locale}`,
      async () => {
        const page = await rig().open("/#foo", { width: 360, height: 740, locale });
        await page.locator(".state[data-state=live]").waitFor();
        for (const text of [
          "שלום, مرحبا",
          "Hello",
          "A message that is long enough for several lines. ".repeat(4),
        ]) {
          await page.locator("#draft").fill(text);
          await page.keyboard.press("Enter");
          await page.locator(".message").getByText(text.trim()).waitFor();
        }
        await page.locator(".message:not([data-sending])").nth(2).waitFor();
        const found = await page.evaluate<{ side: string; apart: boolean }[]>(OWN);
        expect(found).toEqual(Array.from({ length: 3 }, () => ({ side, apart: false })));
      },
      TIMEOUT,
    );
  }
});
