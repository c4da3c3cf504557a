// What people see and do in a window of the page.
import type { Locator, Page } from "playwright-core";

export function draft(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

export function log(page: Page): Locator {
  return page.getByRole("log", { name: "Messages" });
}

export function button(page: Page, name: string | RegExp): Locator {
  return page.getByRole("button", { name });
}

/** The messages with exactly this text. */
export function message(page: Page, text: string): Locator {
  return log(page).locator(".message p").getByText(text, { exact: true });
}

export function texts(page: Page): Promise<string[]> {
  return page.locator(".message p").allTextContents();
}

/** The names above the messages, as they are shown: once for each run of messages by one author. */
export function authors(page: Page): Promise<string[]> {
  return page.locator('.message[data-first="true"][data-own="false"] .author').allInnerTexts();
}

/** The chip that shows the state of the connection. */
export function state(page: Page, text: string): Locator {
  return page.locator(".state").getByText(text);
}

/** A row of the stream list. */
export function listed(page: Page, stream: string): Locator {
  return page.getByRole("navigation", { name: "Live streams" }).getByRole("link", { name: stream });
}

export async function say(page: Page, text: string): Promise<void> {
  await draft(page).fill(text);
  await button(page, "Send").click();
}

/** Whether the whole message is in the visible part of the log. */
export async function isShown(page: Page, text: string): Promise<boolean> {
  return isWithin(await message(page, text).boundingBox(), await log(page).boundingBox());
}

/** Whether the whole message box is visible without scrolling. */
export async function canWrite(page: Page): Promise<boolean> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  return isWithin(await draft(page).boundingBox(), { x: 0, y: 0, width, height });
}

/** In which directions the document is larger than its window; `none` if it fits. */
export function overflow(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth) return "wider: " + scrollWidth;
    return scrollHeight > innerHeight ? "higher: " + scrollHeight : "none";
  })()`);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function isWithin(inner: Box | null, outer: Box | null): boolean {
  if (inner === null || outer === null) return false;
  // Less than half a pixel is rounding.
  return (
    inner.x >= outer.x - 0.5 &&
    inner.y >= outer.y - 0.5 &&
    inner.x + inner.width <= outer.x + outer.width + 0.5 &&
    inner.y + inner.height <= outer.y + outer.height + 0.5
  );
}
