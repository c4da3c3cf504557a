import { setTimeout as timeout } from "node:timers/promises";

/** Waits until the end of the attack. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  const done = Promise.withResolvers<void>();
  if (signal.aborted) done.resolve();
  signal.addEventListener("abort", () => done.resolve(), { once: true });
  return done.promise;
}

/** Waits some milliseconds, or less if the attack ends. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await timeout(milliseconds, undefined, { signal }).catch(() => {});
}

/** Calls `work` at an interval in milliseconds until the end of the attack. */
export async function repeat(milliseconds: number, signal: AbortSignal, work: () => void): Promise<void> {
  while (!signal.aborted) {
    work();
    await pause(milliseconds, signal);
  }
}
