import { setTimeout as sleep } from "node:timers/promises";

/** How long anything that must come may take, in milliseconds. */
const PATIENCE = 20_000;

/** Waits for something to be true. @throws after 20 s */
export async function waitFor(what: string, isTrue: () => boolean): Promise<void> {
  const late = performance.now() + PATIENCE;
  while (!isTrue()) {
    if (performance.now() > late) throw new Error(`waited in vain for ${what}`);
    await sleep(1);
  }
}
