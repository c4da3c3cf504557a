// A picture of the page for people, and what a machine can check.
import { expect } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { screenshot } from "./suite.ts";
import { overflow } from "./window.ts";

/** The windows in which each state is checked. */
export const VIEWPORTS = [
  { name: "light-360", width: 360, height: 740 },
  { name: "dark-360", width: 360, height: 740, dark: true },
  { name: "light-1280", width: 1280, height: 800 },
  { name: "dark-1280", width: 1280, height: 800, dark: true },
] as const;

/** Resolves when no transition is running; for the browser to evaluate. */
const SETTLED = `Promise.all(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map(({ finished }) => finished.catch(() => {}))).then(() => {})`;

/** Takes a screenshot; expects that axe finds nothing and that nothing overflows the window. */
export async function look(page: Page, name: string): Promise<void> {
  // A stream may appear in the list at any time, even while axe reads: without motion it has its final colours from the first frame on.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(SETTLED);
  await screenshot(page, name);
  const { violations } = await new AxeBuilder({ page }).analyze();
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(
    violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  expect(await overflow(page)).toBe("none");
}
