import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 20_000;

/** Polls a condition every millisecond. @throws after 20 s */
export async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await sleep(1);
  }
}
