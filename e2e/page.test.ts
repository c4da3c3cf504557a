// The page, in a real browser: what people see of each other, and what others can do to what they see.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { ServerProcess } from "../test/process.ts";

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((program) => Bun.which(program))
  .find((path) => path !== null);

/** For a human to look at; not kept in the repository. */
const SCREENSHOTS = join(import.meta.dir, "..", "screenshots");

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

const TIMEOUT = 60_000;

if (executablePath === undefined) {
  // In CI a skipped test looks like a passed one.
  test.skipIf(process.env["CI"] !== "true")("the page needs Chromium, which is not installed", () => {
    expect(executablePath).toBeDefined();
  });
} else {
  describe("the page", () => pageTests(executablePath));
}

function pageTests(browserPath: string): void {
  let browser: Browser;
  let server: ServerProcess;
  /** What the browser complained about: errors, and what the content security policy refused. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath, args: ARGS });
  }, TIMEOUT);

  afterAll(async () => {
    await browser.close();
  }, TIMEOUT);

  beforeEach(async () => {
    complaints = [];
    server = await ServerProcess.start();
  }, TIMEOUT);

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
  }, TIMEOUT);

  /** Somebody opens a stream, in a browser of their own. */
  async function open(stream: string, look: { width?: number; dark?: boolean } = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: look.width ?? 1280, height: 720 },
      colorScheme: look.dark ? "dark" : "light",
      locale: "en-GB",
    });
    const page = await context.newPage();
    page.on("console", (entry) => complaints.push(`${entry.type()}: ${entry.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(new URL(`/#${stream}`, server.url).href);
    await state(page, "live").waitFor();
    return page;
  }

  async function post(stream: string, text: string): Promise<void> {
    const url = new URL(`/messages?stream=${stream}`, server.url);
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const response = await fetch(url, { method: "POST", headers, body: text });
    expect(response.status).toBe(201);
  }

  test(
    "shows its stream's history, then what two people write to each other",
    async () => {
      await post("foo", "before you came");
      await post("bar", "of another stream");
      const ada = await open("foo");
      const bob = await open("foo");
      for (const page of [ada, bob]) await message(page, "before you came").waitFor();

      await say(ada, "Hello Bob");
      await message(bob, "Hello Bob").waitFor();
      await say(bob, "Hello Ada");
      await message(ada, "Hello Ada").waitFor();

      for (const page of [ada, bob]) {
        expect(await texts(page)).toEqual(["before you came", "Hello Bob", "Hello Ada"]);
        expect(await page.title()).toBe("foo · Malten");
        await state(page, "live · 2 here").waitFor();
      }
      expect(await draft(ada).inputValue()).toBe("");
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "sends on Enter, and begins a line on Shift and Enter",
    async () => {
      const page = await open("foo");
      await draft(page).pressSequentially("one");
      await draft(page).press("Shift+Enter");
      await draft(page).pressSequentially("two");
      await draft(page).press("Enter");
      await message(page, "one\ntwo").waitFor();
      expect(await texts(page)).toEqual(["one\ntwo"]);
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "shows why a message is refused, and keeps the draft",
    async () => {
      const page = await open("foo");
      const long = "x".repeat(1025);
      await say(page, long);
      await message(page, "The text has 1025 characters; the limit is 1024").waitFor();
      expect(await draft(page).inputValue()).toBe(long);

      await say(page, long.slice(1));
      await message(page, long.slice(1)).waitFor();
      expect(await draft(page).inputValue()).toBe("");
    },
    TIMEOUT,
  );

  test(
    "shows as text whatever others write",
    async () => {
      const hostile = [
        "<script>document.title = 'owned'</script>",
        "<img src=x onerror=\"document.title = 'owned'\"><style>* { display: none }</style>",
        "javascript:document.title='owned' &lt;b&gt; </li></ol></main>",
        "\u202Eevil\u2066 mirrored and never closed",
        `Z${"\u0336\u0321\u0489\u031B".repeat(200)}algo`,
        "\u200B\u200D\uFEFF invisible \u{E0041}\u{E0042}",
        "one\n\ttwo\n\n  three",
      ];
      const page = await open("foo");
      for (const text of hostile) await post("foo", text);
      await post("foo", "quiet");
      await message(page, "quiet").waitFor();

      expect(await texts(page)).toEqual([...hostile, "quiet"]);
      expect(await page.title()).toBe("foo · Malten");
      expect(await page.locator("#messages :is(script, img, style, b)").count()).toBe(0);
      // Each in a line of its own, which no override leaves.
      expect(new Set(await page.evaluate<string[]>(BIDI))).toEqual(new Set(["isolate"]));
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "lets nobody draw over the messages of others",
    async () => {
      await post("foo", "first");
      await post("foo", "second");
      const page = await open("foo");
      const second = page.locator("#messages li").nth(1);
      await message(page, "second").waitFor();
      const before = await second.screenshot();

      await post("foo", `Z${"\u0300\u0301\u0302\u0303".repeat(250)}`);
      await page.locator("#messages li").nth(2).waitFor();
      expect((await second.screenshot()).equals(before)).toBe(true);
      // How far marks pile up is the font's choice. A shadow stands for them in one that lets them, as most do.
      await page.evaluate(
        `document.querySelector("#messages li:nth-child(3) p").style.textShadow = "0 -1.5rem red"`,
      );
      expect((await second.screenshot()).equals(before)).toBe(true);
    },
    TIMEOUT,
  );

  test(
    "survives a restart of the server",
    async () => {
      const ada = await open("foo");
      const bob = await open("foo");
      await say(ada, "before");
      await message(bob, "before").waitFor();

      const { port } = server;
      expect(await server.stop()).toBe(0);
      for (const page of [ada, bob]) await state(page, "reconnecting").waitFor();
      await say(ada, "meanwhile");
      await message(ada, "The server cannot be reached. Your text is still here.").waitFor();
      expect(await draft(ada).inputValue()).toBe("meanwhile");

      server = await ServerProcess.start({ args: ["--port", String(port), "--rate-limit", "0"] });
      for (const page of [ada, bob]) await state(page, "live").waitFor();
      // What was lost with the server is not passed over in silence.
      await message(bob, "Some messages are gone.").waitFor();
      await draft(ada).press("Enter");
      await message(bob, "meanwhile").waitFor();
      await say(bob, "after");
      await message(ada, "after").waitFor();
      expect((await texts(bob)).filter((text) => text === "meanwhile")).toHaveLength(1);
      expect(await texts(bob)).toContain("before");
    },
    TIMEOUT,
  );

  test(
    "keeps the draft in view and scrolls a long log to its end",
    async () => {
      for (let i = 0; i < 100; i++) await post("foo", `message ${i}`);
      const page = await open("foo", { width: 360 });
      await message(page, "message 99").waitFor();
      expect(await canWrite(page)).toBe(true);
      expect(await isShown(page, "message 99")).toBe(true);
      await say(page, "and one more");
      await message(page, "and one more").waitFor();
      expect(await isShown(page, "and one more")).toBe(true);
      expect(complaints).toEqual([]);
    },
    TIMEOUT,
  );

  for (const width of [360, 1280]) {
    for (const dark of [false, true]) {
      const look = `${dark ? "dark" : "light"}-${width}`;
      test(
        `fits its window: ${look}`,
        async () => {
          const stream = "a-stream-with-a-name.as_long~as-it-may-be".padEnd(64, "x");
          await post(stream, "Hello! Has anybody seen the notes of this morning?");
          await post(stream, "Yes: they are on the table in the kitchen, under the cat. ".repeat(4).trim());
          await post(stream, "w".repeat(150));
          await post(stream, "مرحبا، كيف الحال؟ 你好，今天怎么样？ 🎉 \u202Eoverridden");
          await post(stream, `Z${"\u0300\u0301\u0302\u0303".repeat(40)}algo`);
          await post(stream, "Lists:\n\t- one\n\t- two");
          const page = await open(stream, { width, dark });
          await message(page, "Lists:\n\t- one\n\t- two").waitFor();
          await state(page, "1 here").waitFor();
          await say(page, "y".repeat(1025));
          await message(page, "The text has 1025 characters; the limit is 1024").waitFor();
          await page.screenshot({ path: join(SCREENSHOTS, `${look}-refused.png`) });
          expect(await page.evaluate<string>(OVERFLOW)).toBe("none");
          expect(await isShown(page, "The text has 1025 characters; the limit is 1024")).toBe(true);
          await draft(page).fill("A draft");
          await page.screenshot({ path: join(SCREENSHOTS, `${look}.png`) });
          expect(await page.evaluate<string>(OVERFLOW)).toBe("none");
        },
        TIMEOUT,
      );
    }
  }
}

/** How each message keeps its direction to itself; for the browser to evaluate. */
const BIDI = `[...document.querySelectorAll("#messages p")].map((p) => getComputedStyle(p).unicodeBidi)`;

/** In which directions the document is larger than its window. */
const OVERFLOW = `(() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth) return "wider: " + scrollWidth;
  return scrollHeight > innerHeight ? "higher: " + scrollHeight : "none";
})()`;

function draft(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message" });
}

function state(page: Page, text: string): Locator {
  return page.getByRole("status").filter({ hasText: text });
}

/** The message or note of just this text. */
function message(page: Page, text: string): Locator {
  return page.getByRole("log", { name: "Messages" }).locator("p").getByText(text, { exact: true });
}

function texts(page: Page): Promise<string[]> {
  return page.locator("#messages p").allTextContents();
}

/** Whether the message or note is in the part of the log that can be seen, as a whole. */
async function isShown(page: Page, text: string): Promise<boolean> {
  return isWithin(await message(page, text).boundingBox(), await page.getByRole("log").boundingBox());
}

/** Whether there is room to write, without scrolling. */
async function canWrite(page: Page): Promise<boolean> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  return isWithin(await draft(page).boundingBox(), { x: 0, y: 0, width, height });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function isWithin(inner: Box | null, outer: Box | null): boolean {
  if (inner === null || outer === null) return false;
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

async function say(page: Page, text: string): Promise<void> {
  await draft(page).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}
