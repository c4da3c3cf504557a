// Takes the screenshot in README.md: a real server, real streams and three people in a real browser. Run: bun scripts/screenshot.ts
import { join } from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { ServerProcess } from "../test-support/process.ts";

const TARGET = join(import.meta.dir, "..", "docs", "images", "page.webp");

const WINDOW = { width: 1280, height: 640 };

const STREAM = "mountain-hut";

/** The conversation, in order. The screenshot shows Eve's window. */
const CONVERSATION: readonly (readonly [name: "Ada" | "Bob" | "Eve", text: string])[] = [
  ["Ada", "The hut has six beds left for Saturday."],
  ["Bob", "Count me in. I can take the 7:12 from Zürich."],
  ["Eve", "Same train! Shall I reserve for three?"],
  ["Ada", "Yes, please: https://example.com/huts/42"],
  ["Bob", "Weather looks fine until Sunday noon."],
  ["Eve", "Reserved. I’ll bring the map and the coffee."],
];

/** Other streams in the list, their messages, and their times-to-live in seconds. */
const OTHERS = [
  { stream: "book-club", text: "Chapter 7 by Thursday?", ttl: 3600 },
  { stream: "deploy-log", text: "web-2: 200 OK in 34 ms", ttl: 90 },
  { stream: "sensor.attic", text: "21.4 °C", ttl: 60 },
];

/** How old the other streams are at least, in milliseconds: they should be seen to drain. */
const AGE = 15_000;

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((program) => Bun.which(program))
  .find((path) => path !== null);
if (executablePath === undefined) throw new Error("needs Chromium");

await using server = await ServerProcess.start();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  await take(browser);
} finally {
  await browser.close();
}

async function take(chrome: Browser): Promise<void> {
  for (const { stream, text, ttl } of OTHERS) {
    await post("/streams", { stream, ttl: String(ttl) });
    await post("/messages", { stream, text });
  }
  await Bun.sleep(AGE);
  const pages = {
    Ada: await openStream(chrome, "Ada"),
    Bob: await openStream(chrome, "Bob"),
    Eve: await openStream(chrome, "Eve"),
  };
  for (const [name, text] of CONVERSATION) {
    await draft(pages[name]).fill(text);
    await pages[name].getByRole("button", { name: "Send" }).click();
    await pages.Eve.locator(".message p").getByText(text, { exact: true }).waitFor();
  }
  await pages.Eve.getByText("3 here").waitFor();
  await pages.Eve.getByRole("navigation", { name: "Live streams" }).getByText(STREAM).waitFor();
  await draft(pages.Ada).fill("Perfect");
  await pages.Eve.getByText(/Ada.* is typing…/).waitFor();
  await Bun.write(TARGET, await webp(chrome, await pages.Eve.screenshot()));
}

async function post(path: string, parameters: Record<string, string>): Promise<void> {
  await fetch(new URL(path, server.url), { method: "POST", body: new URLSearchParams(parameters) });
}

function draft(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

/** Opens the stream in a new browser context. */
async function openStream(chrome: Browser, name: string): Promise<Page> {
  const context = await chrome.newContext({
    viewport: WINDOW,
    deviceScaleFactor: 2,
    colorScheme: "light",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  await context.addInitScript(`sessionStorage.setItem("malten.name", ${JSON.stringify(name)})`);
  const page = await context.newPage();
  await page.goto(new URL(`/#${STREAM}`, server.url).href);
  await page.getByRole("status").getByText("Live", { exact: true }).waitFor();
  return page;
}

/** Converts an image in the browser, which has an encoder. */
async function webp(chrome: Browser, png: Buffer): Promise<Buffer> {
  const page = await chrome.newPage();
  const url = await page.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${png.toString("base64")}";
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.9);
  })()`);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
