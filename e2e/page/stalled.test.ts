// A server that accepts requests and never answers them.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { message, say, state, texts } from "./window.ts";

/** Opens a stream in a page whose first `count` requests for messages are never answered. */
async function openStalled(rig: Rig, count: number): Promise<Page> {
  const context = await rig.browser.newContext();
  let asked = 0;
  await context.route("**/messages?*", async (route) => {
    asked++;
    if (asked > count) await route.continue();
  });
  return rig.openIn(context, "/#foo");
}

pageSuite("a stalled history", (rig) => {
  const cases = [
    { title: "is requested again", stalled: 1 },
    { title: "does not keep the page from listening, which delivers it", stalled: Infinity },
  ];
  for (const { title, stalled } of cases) {
    test(
      title,
      async () => {
        await rig().post("foo", "before");
        const page = await openStalled(rig(), stalled);
        await message(page, "before").waitFor();
        await state(page, "Live").waitFor();
        await rig().post("foo", "after");
        await message(page, "after").waitFor();
        expect(await texts(page)).toEqual(["before", "after"]);
      },
      TIMEOUT,
    );
  }
});

pageSuite("a stalled style sheet", (rig) => {
  test(
    "leaves the page unstyled, but working",
    async () => {
      const context = await rig().browser.newContext();
      await context.route("**/assets/*.css", () => {});
      const page = await rig().openIn(context, "/#foo");
      await state(page, "Live").waitFor();
      await say(page, "hello");
      await message(page, "hello").waitFor();
    },
    TIMEOUT,
  );
});
