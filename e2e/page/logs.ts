// Streams that machines write, as people see them.
import type { Locator, Page } from "playwright-core";
import type { Rig, Viewport } from "./suite.ts";

/** Enough lines of a log to be shown as one. */
const BEGINNING = Array.from({ length: 5 }, (_, i) => `2026-11-26T10:43:1${i}Z INFO first ${i}`);

/** Opens the stream `app`, which is shown as a log, with these lines at its end. */
export async function joinLog(rig: Rig, texts: readonly string[], viewport: Viewport = {}): Promise<Page> {
  const all = texts.length > 20 ? texts : [...BEGINNING, ...texts];
  for (const text of all) await rig.post("app", text);
  const page = await rig.open("/#app", viewport);
  await page.locator(".state[data-state=live]").waitFor();
  await lines(page).last().waitFor();
  return page;
}

/** The lines that the filter lets through. */
export function lines(page: Page): Locator {
  return page.locator(".lines:not([data-waiting]) > .line:not([hidden])");
}

/** Resolves when so many lines are shown: a filter is applied over several frames. */
export async function shownLines(page: Page, count: number): Promise<void> {
  while ((await lines(page).count()) !== count) await page.evaluate("new Promise(requestAnimationFrame)");
}

/** The lines that contain a text. */
export function line(page: Page, text: string): Locator {
  return lines(page).filter({ hasText: text });
}

export function filter(page: Page): Locator {
  return page.getByRole("searchbox", { name: "Filter" });
}

/** Lines as programs write them: coloured, JSON, and plain. */
export function fullLog(count: number): string[] {
  return Array.from({ length: count }, (_, number) => {
    const took = (number * 7) % 2000;
    const kinds = [
      JSON.stringify({
        level: 10 * (1 + (number % 6)),
        pid: 17,
        req: { url: `/${number}` },
        took,
        msg: `number ${number} `,
      }),
      `2026-11-26T10:43:15Z ERROR [worker-3] number ${number} took ${took} ms`,
      `␛[2m10:43:15␛[0m ␛[3${number % 8}mservice␛[0m ␛[1mnumber ${number} ␛[38;5;${number % 256}mtook ${took} ms␛[0m`,
      `203.0.113.9 - - [26/Nov/2026:10:43:20 +0000] "GET /health?number ${number} took HTTP/1.1" 200 166`,
    ];
    return kinds[number % kinds.length] ?? "";
  });
}
