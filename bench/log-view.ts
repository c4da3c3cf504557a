// Measures the view of logs in Chromium on a slowed CPU: a stream gets 50 lines a second while a filter is typed and cleared, then 1024
// lines are filtered and scrolled. Prints how long frames and tasks took, and whether all lines were shown.
// Usage: bun bench/log-view.ts [SECONDS]   (duration of the busy stream, default 60)
import { availableParallelism, loadavg } from "node:os";
import { chromium, type Page } from "playwright-core";
import { MAX_MESSAGES } from "../src/protocol/limits.ts";
import { ServerProcess } from "../test-support/process.ts";
import { traced, WATCH_FRAMES, workIn } from "./frames.ts";
import { MachineTime } from "./machine-time.ts";

/** CPU slowdown factor. */
const SLOWDOWN = 4;
/** Lines per second. */
const RATE = 50;
const SECONDS = Number(process.argv[2] ?? 60);

/** What is typed into the filter, a key at a time. */
const QUERY = 'error -health "took 1"';
/** How often a key is pressed, in milliseconds. */
const KEY_INTERVAL = 150;
/** A frame that takes longer is noticed, in milliseconds. */
const LATE = 50;

/** Scrolls from the end to the beginning, a step in each frame. */
const SCROLL = `new Promise((done) => {
  const log = document.querySelector("[role=log]");
  requestAnimationFrame(function step() {
    log.scrollTop -= 200;
    if (log.scrollTop > 0) requestAnimationFrame(step);
    else done();
  });
})`;

const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome") ?? "";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
await using server = await ServerProcess.start();
try {
  console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`);
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
  await page.evaluate(WATCH_FRAMES);

  const count = SECONDS * RATE;
  await report(`${RATE} lines a second for ${SECONDS} s, a filter typed meanwhile`, async () => {
    const typing = type(page, performance.now() + SECONDS * 1000);
    const started = performance.now();
    for (let i = 0; i < count; i++) {
      await post(lineOf(30 + i));
      await Bun.sleep(Math.max(0, started + ((i + 1) * 1000) / RATE - performance.now()));
    }
    await typing;
  });

  await page
    .locator("[data-key]")
    .getByText(`number ${29 + count} `)
    .waitFor();
  const shown = await page.locator("[data-key]:not([hidden])").count();
  console.log(`lines shown: ${shown} of ${Math.min(MAX_MESSAGES, 30 + count)} kept`);

  await report(`a filter typed over ${shown} lines, and cleared`, async () => {
    await typeQuery(page);
    await page.locator(".logs-filter").press("Escape");
    await Bun.sleep(1000);
  });
  await report("scrolling from the end to the beginning", () => page.evaluate(SCROLL));
}

/**
 * Prints how long frames took, and how much processor time the page's main thread needed for them. On a busy machine, only the latter
 * says something about the page.
 */
async function report(what: string, action: () => Promise<unknown>): Promise<void> {
  const machine = await MachineTime.start(browser);
  const { tasks, frames } = await traced(browser, action);
  console.log(`${what} (${await machine.shares()}):`);
  const late = frames.filter(({ duration }) => duration > LATE);
  const durations = frames.map(({ duration }) => duration).toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(durations[Math.floor((durations.length - 1) * share)] ?? 0);
  const own = late.filter((frame) => workIn(frame, tasks) > LATE);
  console.log(
    `  ${frames.length} frames: ms median ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}; ${late.length} over ${LATE}, of which the page needed ${own.length} for itself`,
  );
  const longest = tasks.map(({ work }) => Math.round(work)).toSorted((a, b) => b - a);
  console.log(
    `  ${tasks.length} tasks: ${longest.filter((one) => one > LATE).length} over ${LATE} ms of processor time, longest ${longest.slice(0, 5).join(", ")}`,
  );
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
