import type { Scheduler } from "../core/hub.ts";

/** The runtime's turns: `setImmediate` is called when all that has come in is handled, and before anything else comes in. */
export const endOfTurn: Scheduler = (flush, delay) => {
  if (delay === 0) setImmediate(flush);
  else setTimeout(flush, delay);
};
