// What all tests of the page share: a real browser, a real server, and a note of everything that the browser complains about.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { ServerProcess, type ServerProcessOptions } from "../../test-support/process.ts";

/** For a human to look at; not kept in the repository. */
const SCREENSHOTS = join(import.meta.dir, "..", "..", "screenshots");

/** How long a test may take, in milliseconds: browsers on small machines are slow. */
export const TIMEOUT = 60_000;

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly locale?: string;
  /** What is in the address behind the server. */
  readonly path?: string;
}

/** What a test has to do with. */
export class Rig {
  readonly complaints: string[] = [];
  /** Requests for what is not the server's. */
  readonly strangers: string[] = [];
  readonly browser: Browser;
  server: ServerProcess;

  constructor(browser: Browser, server: ServerProcess) {
    this.browser = browser;
    this.server = server;
  }

  /** Somebody opens the page, in a browser of their own. */
  async open(path: string, look: Look = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: look.width ?? 1280, height: look.height ?? 720 },
      colorScheme: look.dark ? "dark" : "light",
      locale: look.locale ?? "en-GB",
    });
    return this.openIn(context, path);
  }

  /** A browser that keeps what it wants to keep in the directory. The test closes it. */
  async openProfile(directory: string): Promise<BrowserContext> {
    return chromium.launchPersistentContext(directory, {
      args: ARGS,
      locale: "en-GB",
      ...(executablePath !== undefined && { executablePath }),
    });
  }

  async openIn(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (entry) => this.complaints.push(`${entry.type()}: ${entry.text()}`));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => {
      const { host, protocol } = new URL(request.url());
      if (host !== this.server.url.host && protocol !== "data:") this.strangers.push(request.url());
    });
    await page.goto(new URL(path, this.server.url).href);
    return page;
  }

  /** Somebody opens a stream, and is connected. */
  async join(stream: string, look: Look = {}): Promise<Page> {
    const page = await this.open(`/#${stream}`, look);
    await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
    return page;
  }

  async post(stream: string, text: string): Promise<void> {
    const url = new URL(`/messages?stream=${stream}`, this.server.url);
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const response = await fetch(url, { method: "POST", headers, body: text });
    expect(response.status).toBe(201);
  }

  /** Stops the server and starts it again at the same address: what it knew is gone. */
  async restart(...args: string[]): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    await this.startAgain(port, ...args);
  }

  async startAgain(port: number, ...args: string[]): Promise<void> {
    this.server = await ServerProcess.start({ args: ["--port", String(port), "--rate-limit", "0", ...args] });
  }
}

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((program) => Bun.which(program))
  .find((path) => path !== null);

/** Tests in a browser; `rig` answers what the test that runs has to do with. */
export function pageSuite(
  name: string,
  tests: (rig: () => Rig) => void,
  options: ServerProcessOptions = {},
): void {
  if (executablePath === undefined) {
    // In CI a skipped test looks like a passed one.
    test.skipIf(process.env["CI"] !== "true")(`${name} needs Chromium, which is not installed`, () => {
      expect(executablePath).toBeDefined();
    });
    return;
  }
  describe(name, () => {
    let browser: Browser;
    let rig: Rig;

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ARGS });
    }, TIMEOUT);

    afterAll(async () => {
      await browser.close();
    }, TIMEOUT);

    beforeEach(async () => {
      rig = new Rig(browser, await ServerProcess.start(options));
    }, TIMEOUT);

    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await rig.server.stop();
    }, TIMEOUT);

    tests(() => rig);
  });
}

export function screenshot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
