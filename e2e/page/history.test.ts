// Many messages: a long history and a busy stream.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { button, log, message, texts } from "./window.ts";

/** Adds up layout shifts of messages that the reader did not cause (Layout Instability, WICG); for the browser to evaluate. */
const WATCH_SHIFTS = `window.shifts = 0; new PerformanceObserver((list) => {
  for (const { sources, value } of list.getEntries())
    if (sources.some(({ node }) => node?.parentElement?.closest("[role=log]"))) window.shifts += value;
}).observe({ type: "layout-shift" }); 0`;

/**
 * The same without those that only move messages up, to make room for a new one below: they count if it scrolls nothing, as where
 * as much is dropped above.
 */
const WATCH_OTHER_SHIFTS = `window.shifts = 0; new PerformanceObserver((list) => {
  for (const { sources, value } of list.getEntries())
    if (sources.some(({ node, previousRect, currentRect }) => node?.parentElement?.closest("[role=log]") &&
      (currentRect.top > previousRect.top || currentRect.left !== previousRect.left))) window.shifts += value;
}).observe({ type: "layout-shift" }); 0`;

/** Notes how far from the end of the log its visible part is at most, in pixels; for the browser to evaluate. */
const WATCH_END = `window.away = 0; requestAnimationFrame(function look() {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector("[role=log]");
  window.away = Math.max(window.away, scrollHeight - scrollTop - clientHeight);
  requestAnimationFrame(look);
}); 0`;

/** Resolves when the log has been scrolled; for the browser to evaluate. */
const SCROLLED = `new Promise((resolve) =>
  document.querySelector("[role=log]").addEventListener("scrollend", () => resolve(), { once: true }))`;

/** The space between the newest message and the end of the log, in pixels. */
const ROOM_BELOW = `document.querySelector("[role=log]").getBoundingClientRect().bottom -
  [...document.querySelectorAll(".message")].at(-1).getBoundingClientRect().bottom`;

/** A visible layout shift, as a score of the API: more than rounding, less than a moved line. */
const NOTICEABLE = 0.001;

function shifts(page: Page): Promise<number> {
  return page.evaluate<number>("window.shifts");
}

/** Posts 50 messages a second to the stream `busy`, numbered `from` up to, not including, `to`. */
async function postSteadily(rig: Rig, from: number, to: number): Promise<void> {
  const started = performance.now();
  for (let i = from; i < to; i++) {
    await rig.post("busy", `now ${i}`);
    // The load of the test.
    await Bun.sleep(started + (i + 1 - from) * 20 - performance.now());
  }
}

pageSuite("a long history", (rig) => {
  test(
    "can be read back to its first message",
    async () => {
      for (let i = 0; i < 1024; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 1023").waitFor();
      // Little is loaded with the page; the rest while scrolling.
      expect((await texts(page)).length).toBeLessThan(400);
      await log(page).focus();
      // Whether there ever were more cannot be known.
      const seen = log(page).getByText("Only the newest 1,024 messages are kept");
      while ((await seen.count()) === 0) await page.keyboard.press("Home");
      await message(page, "message 0").waitFor();
      expect(await texts(page)).toEqual(Array.from({ length: 1024 }, (_, i) => `message ${i}`));
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "stays in place while older messages are prepended",
    async () => {
      for (let i = 0; i < 400; i++) await rig().post("foo", `message ${i}`);
      const page = await rig().join("foo");
      await message(page, "message 300").waitFor();
      await message(page, "message 300").scrollIntoViewIfNeeded();
      const before = await message(page, "message 300").boundingBox();
      // Far above the visible part.
      await message(page, "message 200").waitFor();
      const after = await message(page, "message 300").boundingBox();
      // Browsers anchor to whole pixels.
      expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(2);
    },
    TIMEOUT,
  );

  test(
    "grows by 50 messages a second: all are shown, the oldest are dropped, and nothing jumps, at its end or further up",
    async () => {
      for (let i = 0; i < 960; i++) await rig().post("busy", `before ${i}`);
      const page = await rig().join("busy");
      await message(page, "before 959").waitFor();
      await log(page).focus();
      const first = log(page).getByText("Beginning of stream");
      while ((await first.count()) === 0) await page.keyboard.press("Home");
      await page.keyboard.press("End");
      await button(page, "Jump to latest").waitFor({ state: "detached" });
      await page.evaluate(WATCH_OTHER_SHIFTS);
      await page.evaluate(WATCH_END);
      await postSteadily(rig(), 0, 100);
      await message(page, "now 99").waitFor();
      expect(await shifts(page)).toBeLessThan(NOTICEABLE);
      // Scroll positions are fractions of a pixel.
      expect(await page.evaluate<number>("window.away")).toBeLessThan(1);

      const scrolled = page.evaluate(SCROLLED);
      await page.keyboard.press("PageUp");
      await scrolled;
      await page.evaluate(WATCH_SHIFTS);
      await postSteadily(rig(), 100, 200);
      await button(page, "100 new").waitFor();
      expect(await shifts(page)).toBeLessThan(NOTICEABLE);
      const shown = await texts(page);
      expect(shown).toHaveLength(1024);
      expect(shown.slice(-200)).toEqual(Array.from({ length: 200 }, (_, i) => `now ${i}`));
      await log(page).getByText("Older messages were dropped (1,024 kept)").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "begins near the message box, and only moves up while its first messages arrive",
    async () => {
      const page = await rig().join("foo");
      await page.evaluate(WATCH_OTHER_SHIFTS);
      for (let i = 0; i < 40; i++) {
        await rig().post("foo", `message ${i}`);
        if (i % 8 !== 0) continue;
        await message(page, `message ${i}`).waitFor();
        expect(await page.evaluate<number>(ROOM_BELOW)).toBeLessThan(16);
      }
      await message(page, "message 39").waitFor();
      expect(await page.evaluate<number>(ROOM_BELOW)).toBeLessThan(16);
      expect(await shifts(page)).toBeLessThan(NOTICEABLE);
    },
    TIMEOUT,
  );
});
