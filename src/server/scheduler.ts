import type { Scheduler } from "../core/hub.ts";

/** Schedules flushes on the event loop: `setImmediate` runs after all input that is ready was handled, and before any more is read. */
export const eventLoopScheduler: Scheduler = (flush, delay) => {
  if (delay === 0) setImmediate(flush);
  else setTimeout(flush, delay);
};
