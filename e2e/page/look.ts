// A picture of the page for people, and what a machine can say of it.
import { expect } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { screenshot } from "./suite.ts";
import { overflow } from "./window.ts";

/** The windows that each state is looked at in. */
export const LOOKS = [
  { name: "light-360", width: 360, height: 740 },
  { name: "dark-360", width: 360, height: 740, dark: true },
  { name: "light-1280", width: 1280, height: 800 },
  { name: "dark-1280", width: 1280, height: 800, dark: true },
] as const;

/** Resolves when nothing fades in any more; for the browser to evaluate. */
const SETTLED = `Promise.all(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map(({ finished }) => finished.catch(() => {}))).then(() => {})`;

/** A picture, and everything that axe finds wrong. */
export async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(SETTLED);
  await screenshot(page, name);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`),
  ).toEqual([]);
  expect(await overflow(page)).toBe("none");
}
