// Measures the view of logs in Chromium on a slowed CPU: a stream gets 50 lines a second while a filter is typed and cleared, then 1024
// lines are filtered and scrolled. Prints how long frames and tasks took, and whether all lines were shown.
// Usage: bun bench/log-view.ts [SECONDS]   (duration of the busy stream, default 60)
import { availableParallelism, loadavg } from "node:os";
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
/** A task that is longer delays a frame noticeably, in milliseconds. */
const LONG_TASK = 50;

/** Records the intervals between frames, and the long animation frames (W3C Long Animation Frames API: 50 ms and more). */
const WATCH = `window.intervals = []; window.long = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) window.long.push([Math.round(startTime), Math.round(duration)]);
}).observe({ type: "long-animation-frame" });
let last;
(function frame(now) { if (last !== undefined) window.intervals.push(now - last); last = now; requestAnimationFrame(frame); })(); 0`;

const REPORT = `(() => {
  const sorted = window.intervals.splice(0).toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { frames: sorted.length, median: at(0.5), p99: at(0.99), max: at(1), over50: sorted.filter((one) => one > 50).length,
    long: window.long.splice(0).map(([, duration]) => duration).toSorted((a, b) => b - a) };
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
  readonly long: readonly number[];
}

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
  await page.evaluate(WATCH);

  const count = SECONDS * RATE;
  await report(page, `${RATE} lines a second for ${SECONDS} s, a filter typed meanwhile`, async () => {
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

  await report(page, `a filter typed over ${shown} lines, and cleared`, async () => {
    await typeQuery(page);
    await page.locator(".logs-filter").press("Escape");
    await Bun.sleep(1000);
  });
  await report(page, "scrolling from the end to the beginning", () => page.evaluate(SCROLL));
}

/**
 * Prints how long frames took, and how much processor time the tasks of the page's main thread did. On a busy machine, only the latter
 * says something about the page.
 */
async function report(page: Page, what: string, action: () => Promise<unknown>): Promise<void> {
  await page.evaluate(REPORT);
  const tasks = await traced(action);
  const { long, ...frames } = await page.evaluate<Report>(REPORT);
  const longest = tasks.toSorted((a, b) => b - a);
  console.log(`${what}:`);
  console.log(
    "  ms per frame:",
    JSON.stringify(frames),
    `long animation frames: ${long.length} (${long.slice(0, 5).join(", ")})`,
  );
  const over = longest.filter((one) => one > LONG_TASK).length;
  console.log(
    `  processor ms per task: ${tasks.length} tasks, ${over} over ${LONG_TASK}, longest ${longest.slice(0, 5).map(Math.round).join(", ")}`,
  );
}

/** The processor time of each task of the page's main thread, in milliseconds. */
async function traced(action: () => Promise<unknown>): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  const complete = new Promise<void>((resolve) => {
    session.once("Tracing.tracingComplete", () => resolve());
  });
  session.on("Tracing.dataCollected", ({ value }: { value: unknown[] }) =>
    events.push(...value.filter(isEvent)),
  );
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["disabled-by-default-devtools.timeline", "__metadata"] },
  });
  await action();
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const threads = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  return events
    .filter(({ name, pid, tid }) => name === "RunTask" && threads.has(`${pid}/${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
}

function isEvent(value: unknown): value is TraceEvent {
  return typeof value === "object" && value !== null && "name" in value && "pid" in value && "tid" in value;
}

/** An event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** The processor time of the thread. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
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
