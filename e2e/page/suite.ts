// Shared by all tests of the page: a real browser, a real server, and a record of what the browser logs.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import {
  environment,
  expectNoProcessLeft,
  ServerProcess,
  type ServerProcessOptions,
} from "../../test-support/process.ts";

/** Screenshots to review by eye, of `npm run looks`; ignored by git. */
const SCREENSHOTS = join(import.meta.dir, "..", "..", "screenshots");

/** Whether each state is shown in all windows and its pictures are kept: `npm run looks`. Otherwise it is only checked, in some. */
export const ALL_LOOKS = process.env["LOOKS"] === "all";

/** How long a test may take, in milliseconds: browsers on small machines are slow. */
export const TIMEOUT = ALL_LOOKS ? 600_000 : 120_000;

/** How long anything on a page may take to appear, in milliseconds: less, so that the test says what did not. */
const PATIENCE = TIMEOUT - 20_000;

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  // A host name for pages that browsers do not trust as they do localhost.
  "--host-resolver-rules=MAP malten.test 127.0.0.1",
];

export interface Viewport {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly locale?: string;
}

/** A server and a browser for one test. */
export class Rig {
  /** Console messages and uncaught errors of all pages. */
  readonly browserLog: string[] = [];
  /** Requests to other origins. */
  readonly foreignRequests: string[] = [];
  readonly browser: Browser;
  server: ServerProcess;

  constructor(browser: Browser, server: ServerProcess) {
    this.browser = browser;
    this.server = server;
  }

  /** Opens a path in a new browser context. */
  async open(path: string, viewport: Viewport = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: viewport.width ?? 1280, height: viewport.height ?? 720 },
      colorScheme: viewport.dark ? "dark" : "light",
      locale: viewport.locale ?? "en-GB",
      // The certificate is self-signed.
      ignoreHTTPSErrors: this.server.url.protocol === "https:",
    });
    return this.openIn(context, path);
  }

  /** Launches a browser with its profile in `directory`. The test must close it. */
  async openProfile(directory: string): Promise<BrowserContext> {
    return chromium.launchPersistentContext(directory, {
      args: ARGS,
      env: environment(),
      locale: "en-GB",
      ...(executablePath !== undefined && { executablePath }),
    });
  }

  async openIn(context: BrowserContext, path: string): Promise<Page> {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    page.on("console", (entry) => this.browserLog.push(`${entry.type()}: ${entry.text()}`));
    page.on("pageerror", (error) => this.browserLog.push(String(error)));
    page.on("request", (request) => {
      const { host, protocol } = new URL(request.url());
      if (host !== this.server.url.host && protocol !== "data:") this.foreignRequests.push(request.url());
    });
    await page.goto(new URL(path, this.server.url).href);
    return page;
  }

  /** Opens a stream in a new browser context and waits until it is live. */
  async join(stream: string, viewport: Viewport = {}): Promise<Page> {
    const page = await this.open(`/#${stream}`, viewport);
    await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
    return page;
  }

  async post(stream: string, text: string, name?: string): Promise<void> {
    const parameters = new URLSearchParams({ stream, ...(name !== undefined && { name }) });
    const url = new URL(`/messages?${parameters.toString()}`, this.server.url);
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const response = await fetch(url, { method: "POST", headers, body: text });
    expect(response.status).toBe(201);
  }

  /** Fills the server's memory: no stream takes another text of this length. */
  async fill(text: string): Promise<void> {
    for (let i = 0, posted = 1; posted > 0; i++) {
      const url = new URL(`/messages?stream=big-${i}`, this.server.url);
      posted = 0;
      while ((await fetch(url, { method: "POST", body: new URLSearchParams({ text }) })).ok) posted++;
    }
  }

  /** Starts an empty server on the port of one that was stopped, as after a restart. */
  async startEmptyServer(port: number, ...args: string[]): Promise<void> {
    this.server = await ServerProcess.start({ args: ["--port", String(port), "--rate-limit", "0", ...args] });
  }
}

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((program) => Bun.which(program))
  .find((path) => path !== null);

/** Declares browser tests. `rig()` returns the rig of the running test. */
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
      browser = await chromium.launch({ executablePath, args: ARGS, env: environment() });
    }, TIMEOUT);

    afterAll(async () => {
      await browser.close();
      await expectNoProcessLeft();
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
