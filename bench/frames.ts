// Frames of a page in Chromium, and the processor time of its main thread, from the browser's trace.
import type { Browser } from "playwright-core";

/** For a page: asks for frames, and puts into the trace when each began and, for its clock, when that was noted. */
export const WATCH_FRAMES = `(function frame(began) {
  if (began !== undefined) console.timeStamp("frame " + began + " " + performance.now());
  requestAnimationFrame(frame);
})(); 0`;

/** The processor time of the main thread from the beginning of a frame to the next, in milliseconds. */
export function workIn({ start, duration }: Frame, tasks: readonly Task[]): number {
  let sum = 0;
  for (const task of tasks) {
    const both = Math.min(start + duration, task.start + task.duration) - Math.max(start, task.start);
    if (both > 0) sum += (task.work * both) / task.duration;
  }
  return sum;
}

/** Traces what the main threads of a browser's pages do meanwhile. Frames are known of pages that run {@link WATCH_FRAMES}. */
export async function traced(
  browser: Browser,
  action: () => Promise<unknown>,
): Promise<{ tasks: Task[]; frames: Frame[] }> {
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
    traceConfig: {
      includedCategories: ["devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"],
    },
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
  const tasks = events
    .filter(({ name, pid, tid }) => name === "RunTask" && threads.has(`${pid}/${tid}`))
    .map(({ ts, dur = 0, tdur = 0 }) => ({ start: ts / 1000, duration: dur / 1000, work: tdur / 1000 }));
  const begun = events.flatMap(({ name, ts, args }) => {
    const [what, began, noted] = name === "TimeStamp" ? (args?.data?.message?.split(" ") ?? []) : [];
    return what === "frame" ? [ts / 1000 - (Number(noted) - Number(began))] : [];
  });
  begun.sort((a, b) => a - b);
  const frames = begun.slice(1).map((end, i) => {
    const start = begun[i] ?? end;
    return { start, duration: end - start };
  });
  return { tasks, frames };
}

/** A task of the main thread: its duration, and how much processor time it took. In milliseconds. */
export interface Task {
  readonly start: number;
  readonly duration: number;
  readonly work: number;
}

/** The time from a frame to the next, in milliseconds. */
export interface Frame {
  readonly start: number;
  readonly duration: number;
}

function isEvent(value: unknown): value is TraceEvent {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    "pid" in value &&
    "tid" in value &&
    "ts" in value
  );
}

/** An event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** The processor time of the thread. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly message?: string } };
}
