// Encrypted streams, as people see and open them.
import { expect } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { create, type EncryptedStream, type Links } from "../../src/client/encrypted/index.ts";
import { Malten } from "../../src/client/index.ts";
import type { Rig, Viewport } from "./suite.ts";
import { log, state } from "./window.ts";

/** An encrypted stream that the test itself writes to. */
export class TestStream implements AsyncDisposable {
  readonly stream: EncryptedStream;
  readonly links: Required<Links>;
  private readonly malten: Malten;

  private constructor(malten: Malten, stream: EncryptedStream) {
    this.malten = malten;
    this.stream = stream;
    const { owner = "", writer = "", reader } = stream.links;
    this.links = { owner, writer, reader };
  }

  static async create(rig: Rig): Promise<TestStream> {
    const malten = new Malten(rig.server.url);
    return new TestStream(malten, await create(malten));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.malten.close();
    await Promise.resolve();
  }
}

/** Opens a link of an encrypted stream in a new browser context and waits until it is live. */
export async function openLink(rig: Rig, link: string, viewport: Viewport = {}): Promise<Page> {
  const page = await rig.open(link, viewport);
  await state(page, "Live").waitFor();
  expectNoLink(page.url());
  return page;
}

/** Pastes a link into the field that asks for one. */
export async function paste(page: Page, link: string): Promise<void> {
  await page.getByRole("textbox", { name: "Link" }).fill(link);
  await page.keyboard.press("Enter");
}

export function expectNoLink(text: string): void {
  expect(text).not.toMatch(/v1(:|%3A)/i);
}

/** The link in the open dialog, or in the view of a pipe. */
export async function shownLink(page: Page): Promise<string> {
  const field = page.getByRole("textbox", { name: "Link" });
  await field.waitFor();
  return field.inputValue();
}

/** What the log says about tampering. */
export function warning(page: Page, text: string): Locator {
  return log(page).locator(".gap").getByText(text);
}
