// The page, with a hostile server, under watch, and in duplicated tabs.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { create, open } from "../../src/client/encrypted/index.ts";
import { Malten } from "../../src/client/index.ts";
import { openLink } from "../page/encrypted.ts";
import { pageSuite, TIMEOUT } from "../page/suite.ts";
import { draft, log, message, say, state, texts } from "../page/window.ts";
import { closeAfterEach, closing, Listener, proxyOf } from "./network.ts";
import { expectUniqueNonces } from "./nonces.ts";
import { Story, STORY, STORY_TEXTS } from "./story.ts";

closeAfterEach();

/** The warnings of {@link STORY} in the page's words. */
const WARNINGS: Readonly<Record<string, string>> = {
  "[split]":
    "was shown different messages than you were. The server may be telling people different stories.",
  "[missing]": "is missing here. The server may be holding it back.",
  "[altered]": "A message was left out: it was changed on its way",
  "[replayed]": "The server delivered an old message again.",
  "[reordered]": "didn’t arrive in the order in which they were sent.",
  "[gap]": "are missing.",
};

pageSuite("the page of an encrypted stream", (rig) => {
  test(
    "shows what a hostile server does, where it happened",
    async () => {
      const story = await Story.begin(rig().server);
      const page = await openLink(rig(), story.links.reader);
      await story.tell();
      await message(page, "the end").waitFor();
      expect(await texts(page)).toEqual(STORY_TEXTS);
      const warnings = await log(page).locator(".gap").allTextContents();
      const expected = STORY.filter((seen) => seen.startsWith("["));
      expect(warnings).toHaveLength(expected.length);
      for (const [i, code] of expected.entries()) expect(warnings[i]).toContain(WARNINGS[code] ?? "");
    },
    TIMEOUT,
  );

  test(
    "uses no key twice with a counter: in duplicated tabs, after a reload, going back, and after connections broke",
    async () => {
      const proxy = proxyOf(rig().server);
      const owner = await create(closing(new Malten(proxy.url)));
      const link = owner.links.writer ?? "";
      const direct = closing(new Malten(rig().server.url));
      const listener = await Listener.of(await open(owner.links.reader, { malten: direct }));
      const context = await rig().browser.newContext();
      const tab = async (): Promise<Page> => {
        const page = await rig().openIn(context, link);
        await state(page, "Live").waitFor();
        return page;
      };
      const one = await tab();
      const other = await tab();
      const write = async (page: Page, text: string) => {
        await say(page, text);
        expect(await listener.until(text)).toEqual([text]);
      };
      await write(one, "1");
      await write(other, "2");
      await write(one, "3");
      // A connection breaks between a message and its answer.
      proxy.down = (item) => (item.Type === "ack" ? [] : [item]);
      await say(one, "4");
      await listener.until("4");
      proxy.down = (item) => [item];
      proxy.disconnect();
      await write(one, "5");
      await one.goto("about:blank");
      await one.goBack();
      await other.reload();
      for (const page of [one, other]) {
        if ((await draft(page).count()) === 0) await page.goto(link);
        await state(page, "Live").waitFor();
      }
      await write(one, "6");
      await write(other, "7");
      const counts = expectUniqueNonces(proxy.heard);
      expect(counts.length).toBeGreaterThan(2);
      expect(counts.reduce((all, count) => all + count, 0)).toBe(7);
    },
    TIMEOUT,
  );
});
