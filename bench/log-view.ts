// Measures the view of logs in Chromium on a slowed CPU: a stream gets 50 lines a second while a filter is typed and cleared, then 1024
// lines are filtered and scrolled. Reports how long frames took, and whether all lines were shown.
// Usage: bun bench/log-view.ts [SECONDS]   (duration of the busy stream, default 60)
import { chromium, type Page } from "playwright-core";
import { MAX_MESSAGES } from "../src/protocol/limits.ts";
import { ServerProcess } from "../test-support/process.ts";

/** CPU slowdown factor. */
const SLOWDOWN = 4;
/** Lines per second. */
const RATE = 50;
const SECONDS = Number(process.argv[2] ?? 60);

/** What is typed into the filter, a key at a time. */
const QUERY = 'error -health "took 1"';
/** How often a key is pressed, in milliseconds. */
const KEY_INTERVAL = 150;

/**
 * Records the intervals between frames, and the long animation frames (W3C Long Animation Frames API: 50 ms and more), with what they
 * spent their time on.
 */
const WATCH = `window.intervals = []; window.long = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration, blockingDuration, scripts } of list.getEntries())
    window.long.push({ at: Math.round(startTime), duration: Math.round(duration), blocking: Math.round(blockingDuration),
      scripts: scripts.map(({ invoker, duration: took }) => invoker + " " + Math.round(took)).join(", ") });
}).observe({ type: "long-animation-frame" });
let last;
(function frame(now) { if (last !== undefined) window.intervals.push(now - last); last = now; requestAnimationFrame(frame); })(); 0`;

const REPORT = `(() => {
  const sorted = window.intervals.splice(0).toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { frames: sorted.length, median: at(0.5), p99: at(0.99), max: at(1), over50: sorted.filter((one) => one > 50).length, long: window.long.splice(0) };
})()`;

/** Scrolls from the end to the beginning, a step in each frame. */
const SCROLL = `new Promise((done) => {
  const log = document.querySelector("[role=log]");
  requestAnimationFrame(function step() {
    log.scrollTop -= 200;
    if (log.scrollTop > 0) requestAnimationFrame(step);
    else done();
  });
})`;

interface Report {
  readonly frames: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  readonly over50: number;
  readonly long: readonly object[];
}

const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome") ?? "";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
await using server = await ServerProcess.start();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await measure(page);
} finally {
  await browser.close();
}

async function measure(page: Page): Promise<void> {
  for (let i = 0; i < 30; i++) await post(lineOf(i));
  await page.goto(new URL("/#busy", server.url).href);
  await page.locator(".logs [data-key]").first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await page.evaluate(WATCH);

  const count = SECONDS * RATE;
  const typing = type(page, performance.now() + SECONDS * 1000);
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    await post(lineOf(30 + i));
    await Bun.sleep(Math.max(0, started + ((i + 1) * 1000) / RATE - performance.now()));
  }
  await typing;
  print(
    `${RATE} lines a second for ${SECONDS} s, a filter typed meanwhile`,
    await page.evaluate<Report>(REPORT),
  );

  await page
    .locator("[data-key]")
    .getByText(`number ${29 + count} `)
    .waitFor();
  const shown = await page.locator("[data-key]:not([hidden])").count();
  console.log(`lines shown: ${shown} of ${Math.min(MAX_MESSAGES, 30 + count)} kept`);

  await page.evaluate<Report>(REPORT);
  await typeQuery(page);
  print(`a filter typed over ${shown} lines`, await page.evaluate<Report>(REPORT));
  await page.locator(".logs-filter").press("Escape");
  await page.evaluate(SCROLL);
  print(`scrolling from the end to the beginning`, await page.evaluate<Report>(REPORT));
}

/** Types the filter and clears it, again and again. */
async function type(page: Page, until: number): Promise<void> {
  while (performance.now() < until) {
    await typeQuery(page);
    await page.locator(".logs-filter").press("Escape");
    await Bun.sleep(1000);
  }
}

async function typeQuery(page: Page): Promise<void> {
  await page.locator(".logs-filter").focus();
  await page.keyboard.type(QUERY, { delay: KEY_INTERVAL });
}

function print(what: string, { long, ...frames }: Report): void {
  console.log(`${what} (ms per frame):`, frames);
  for (const one of long) console.log("  long frame:", one);
}

/** Lines as programs write them: coloured, JSON, and plain. */
function lineOf(number: number): string {
  const time = new Date().toISOString();
  const took = (number * 7) % 2000;
  switch (number % 4) {
    case 0:
      return JSON.stringify({
        level: 10 * (1 + (number % 6)),
        time,
        pid: 17,
        req: { method: "GET", url: `/orders/${number}` },
        took,
        msg: `request number ${number} done`,
      });
    case 1:
      return `${time} ${number % 3 === 0 ? "ERROR" : "INFO "} [worker-${number % 8}] job number ${number} took ${took} ms`;
    case 2:
      return `␛[2m${time}␛[0m ␛[3${number % 8}mservice␛[0m ␛[1mnumber ${number} ␛[38;5;${number % 256}mtook ${took} ms␛[0m of ${"x".repeat(number % 120)}`;
    default:
      return `203.0.113.${number % 256} - - [26/Nov/2026:10:43:20 +0000] "GET /health?number ${number} HTTP/1.1" ${200 + 100 * (number % 4)} 166 "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
  }
}

async function post(text: string): Promise<void> {
  const url = new URL("/messages?stream=busy", server.url);
  await (await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: text })).text();
}
