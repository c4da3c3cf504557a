// Many messages: a whole history, and a stream that never rests.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { log, message, texts } from "./window.ts";

/** Adds up how messages move that the reader does not move (Layout Instability, WICG), in a window that is open. */
const WATCH_SHIFTS = `window.shifts = 0; new PerformanceObserver((list) => {
  for (const { sources, value } of list.getEntries())
    if (sources.some(({ node }) => node?.parentElement?.closest("[role=log]"))) window.shifts += value;
}).observe({ type: "layout-shift" }); 0`;

/** A layout shift that can be seen, in the unit of the API; a rounding of pixels is less, a line that moves is more. */
const NOTICEABLE = 0.001;

function shifts(page: Page): Promise<number> {
  return page.evaluate<number>("window.shifts");
}

pageSuite("a long history", (rig) => {
  test(
    "is read back to its first message, and nothing jumps meanwhile",
    async () => {
      for (let i = 0; i < 1024; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 1023").waitFor();
      // What is loaded with the page is little; the rest comes as one scrolls.
      expect((await texts(page)).length).toBeLessThan(400);
      await log(page).focus();
      const seen = log(page).getByText("This is the oldest message that is kept.");
      while ((await seen.count()) === 0) await page.keyboard.press("Home");
      await message(page, "message 0").waitFor();
      expect(await texts(page)).toEqual(Array.from({ length: 1024 }, (_, i) => `message ${i}`));
      expect(rig().complaints).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "stays where it is while older messages come before it",
    async () => {
      for (let i = 0; i < 400; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 300").waitFor();
      await message(page, "message 300").scrollIntoViewIfNeeded();
      const before = await message(page, "message 300").boundingBox();
      // Far above what is seen.
      await message(page, "message 200").waitFor();
      const after = await message(page, "message 300").boundingBox();
      // Browsers anchor to a pixel.
      expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    },
    TIMEOUT,
  );

  test(
    "grows by fifty messages a second: all are shown, as many are kept as the stream keeps, and nothing jumps",
    async () => {
      for (let i = 0; i < 900; i++) await rig().post("busy", `before ${i}`);
      const page = await rig().join("busy");
      await message(page, "before 899").waitFor();
      await log(page).focus();
      const first = log(page).getByText("This is the oldest message that is kept.");
      while ((await first.count()) === 0) await page.keyboard.press("Home");
      await page.keyboard.press("End");
      await page.evaluate(WATCH_SHIFTS);
      const started = performance.now();
      for (let i = 0; i < 250; i++) {
        await rig().post("busy", `now ${i}`);
        await Bun.sleep(started + (i + 1) * 20 - performance.now());
      }
      await message(page, "now 249").waitFor();
      const shown = await texts(page);
      expect(shown).toHaveLength(1024);
      expect(shown.slice(-250)).toEqual(Array.from({ length: 250 }, (_, i) => `now ${i}`));
      expect(await shifts(page)).toBeLessThan(NOTICEABLE);
      expect(rig().complaints).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "does not jump as it begins",
    async () => {
      const page = await rig().join("foo");
      await page.evaluate(WATCH_SHIFTS);
      for (let i = 0; i < 40; i++) {
        await rig().post("foo", `message ${i}`);
        if (i % 8 === 0) await message(page, `message ${i}`).waitFor();
      }
      await message(page, "message 39").waitFor();
      expect(await shifts(page)).toBeLessThan(NOTICEABLE);
    },
    TIMEOUT,
  );
});
