// A picture of the page for people, and what a machine can check.
import { expect } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page, ViewportSize } from "playwright-core";
import { ALL_LOOKS, screenshot } from "./suite.ts";
import { overflow } from "./window.ts";

/** The windows of telephones, tablets, small and large screens. Those with `checked` are also checked, always. */
const SIZES = [
  { width: 360, height: 740, checked: true },
  { width: 768, height: 1024, checked: false },
  { width: 1280, height: 800, checked: true },
  { width: 1440, height: 900, checked: false },
];

interface Looks extends ViewportSize {
  readonly checked: boolean;
  readonly scheme: "light" | "dark" | "forced";
}

const LIGHT_AND_DARK: readonly Looks[] = SIZES.flatMap((size) => [
  { ...size, scheme: "light" },
  { ...size, scheme: "dark" },
]);

/** The colours of the system instead of the page's, as in Windows' contrast themes. Axe does not know them. */
const FORCED: readonly Looks[] = SIZES.filter(({ checked }) => checked).map((size) => ({
  ...size,
  checked: false,
  scheme: "forced",
}));

const WINDOWS = ALL_LOOKS ? [...LIGHT_AND_DARK, ...FORCED] : LIGHT_AND_DARK.filter(({ checked }) => checked);

/** Resolves when no transition is running; for the browser to evaluate. */
const SETTLED = `Promise.all(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition)
  .map(({ finished }) => finished.catch(() => {})))
  .then(() => new Promise(requestAnimationFrame)).then(() => new Promise(requestAnimationFrame)).then(() => {})`;

/**
 * Shows the page in each window, light and dark, and expects that nothing overflows and that axe finds nothing. With all looks, also in
 * forced colours, and takes screenshots. Afterwards the window is as before, and light.
 */
export async function look(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const { width, height, scheme, checked } of WINDOWS) {
    const picture = `${name}-${width}-${scheme}`;
    // A stream may appear in the list at any time, even while axe reads: without motion it has its final colours from the first frame on.
    await page.emulateMedia({
      colorScheme: scheme === "dark" ? "dark" : "light",
      forcedColors: scheme === "forced" ? "active" : "none",
      reducedMotion: "reduce",
    });
    await page.setViewportSize({ width, height });
    await page.evaluate(SETTLED);
    if (ALL_LOOKS) await screenshot(page, picture);
    const over = await overflow(page);
    if (over !== "none") found.push(`${picture}: ${over}`);
    if (!checked) continue;
    for (const violation of await violationsOf(page)) found.push(`${picture}: ${violation}`);
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  if (before !== null) await page.setViewportSize(before);
  expect(found).toEqual([]);
}

/** What axe finds. */
async function violationsOf(page: Page): Promise<string[]> {
  // Its script takes long to load; a page that has it only needs some other.
  const isLoaded = await page.evaluate<boolean>(`"axe" in window`);
  const { violations } = await new AxeBuilder({ page, ...(isLoaded && { axeSource: "0" }) })
    // Without a second, empty page for each run, which is for frames of other origins: there are none.
    .setLegacyMode()
    // Of what it does not report, it need not say why.
    .options({ resultTypes: ["violations"] })
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
