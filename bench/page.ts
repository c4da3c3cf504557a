// Measures the page in Chromium: time to the first message on a slow network, and delays and memory with a busy stream.
// Usage: bun bench/page.ts [SECONDS]   (duration of the busy stream, default 60)
import { chromium, type Browser, type CDPSession } from "playwright-core";
import { ServerProcess } from "../test-support/process.ts";

/** WebPageTest's Slow 3G: latency in milliseconds, throughput in bytes per second. */
const SLOW = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** CPU slowdown factor. */
const SLOWDOWN = 4;

const ROUNDS = 5;
/** Messages per second. */
const RATE = 50;
const SECONDS = Number(process.argv[2] ?? 60);

/** Scripts evaluated in the browser. */
const WATCH_PAINT = `new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.element?.closest("[role=log], .log")) console.info("painted", entry.startTime);
}).observe({ type: "largest-contentful-paint", buffered: true }); 0`;

const WATCH_LOG = `window.delays = []; window.frames_ = 0;
(function frame() { window.frames_++; requestAnimationFrame(frame); })();
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) {
    const sent = /^at (\\d+)/.exec(node.querySelector?.(".body")?.textContent)?.[1];
    if (sent) window.delays.push(Date.now() - Number(sent));
  }
}).observe(document.querySelector(".log"), { childList: true }); 0`;

const REPORT_LOG = `(() => {
  const sorted = window.delays.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  return { shown: sorted.length, median: at(0.5), p99: at(0.99), max: at(1), frames: window.frames_ };
})()`;

const SCROLL = `new Promise((done) => {
  const log = document.querySelector("[role=log]");
  const times = [];
  let last = performance.now();
  requestAnimationFrame(function step(now) {
    times.push(now - last);
    last = now;
    log.scrollTop -= 120;
    if (log.scrollTop > 0) return void requestAnimationFrame(step);
    times.sort((a, b) => a - b);
    done({ frames: times.length, median: times[times.length >> 1], max: times.at(-1) });
  });
})`;

const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome") ?? "";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
await using server = await ServerProcess.start();
try {
  console.log("first message painted on Slow 3G (ms):", await firstPaints(browser));
  await busy(browser);
} finally {
  await browser.close();
}

async function post(stream: string, text: string): Promise<void> {
  const url = new URL(`/messages?stream=${stream}`, server.url);
  await (await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: text })).text();
}

/** Uses a new browser context each round, so that nothing is cached. */
async function firstPaints(from: Browser): Promise<number[]> {
  for (let i = 0; i < 60; i++)
    await post("slow", `message ${i} of some ordinary length, as people write them`);
  const painted: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await from.newContext({ viewport: { width: 360, height: 740 }, serviceWorkers: "block" });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", SLOW);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
    await page.addInitScript(WATCH_PAINT);
    // Not by a locator: the script that it adds to the page would compete for the slow CPU when the messages arrive.
    const first = page.waitForEvent("console", (message) => message.text().startsWith("painted"));
    await page.goto(new URL("/#slow", server.url).href, { waitUntil: "commit" });
    painted.push(Number((await first).text().replace("painted ", "")));
    await context.close();
  }
  return painted.toSorted((a, b) => a - b);
}

async function busy(from: Browser): Promise<void> {
  const page = await from.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(new URL("/#busy", server.url).href);
  await page.locator(".state[data-state=live]").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.evaluate(WATCH_LOG);
  const started = performance.now();
  const count = SECONDS * RATE;
  for (let i = 0; i < count; i++) {
    await post("busy", `at ${Date.now()} a message of ordinary length in a busy stream, number ${i}`);
    await Bun.sleep(Math.max(0, started + ((i + 1) * 1000) / RATE - performance.now()));
    if (i % (20 * RATE) === 0) console.log(`after ${i} messages:`, await heap(session));
  }
  await page.getByText(`number ${count - 1}`).waitFor();
  console.log(`after ${count} messages:`, await heap(session));
  console.log(`delays at ${RATE} messages/s for ${SECONDS} s (ms):`, await page.evaluate(REPORT_LOG));
  console.log("scrolling to the top (ms per frame):", await page.evaluate(SCROLL));
}

/** Heap and DOM size after a garbage collection. */
async function heap(session: CDPSession): Promise<string> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  return `${(value("JSHeapUsedSize") / 1e6).toFixed(1)} MB heap, ${value("Nodes")} nodes`;
}
