// More messages than a slow reader can take, and a check that none of them is lost silently.
import { expect } from "bun:test";
import type { WireEvent } from "../../src/protocol/message.ts";
import type { Frame, Wire } from "../../test-support/clients.ts";
import { type TestServer, turn } from "../../test-support/server.ts";

/** Publishes messages `n …` of about 4 kB, 16 per turn of the event loop. */
export async function flood(server: TestServer, stream: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await server.publish(stream, `${n} ${"😀".repeat(1000)}`);
    if (n % 16 === 0) await turn();
  }
  await turn();
}

/** Returns whether this is the last message of a flood. */
export const isLast = (data: Frame | undefined, last: number): boolean =>
  data?.Type === "message" && data.Text.startsWith(`${last} `);

/** Checks that nothing is duplicated, out of order, or missing without a gap. Returns the received numbers. */
export function expectNoSilentLoss(received: Wire[], from: number, to: number): number[] {
  const numbers: number[] = [];
  let gap: WireEvent | undefined;
  let next = from;
  for (const data of received) {
    if (data.Type === "event") {
      if (data.Text === "gap") gap = data;
      continue;
    }
    const number = Number.parseInt(data.Text, 10);
    if (number !== next) {
      expect(number).toBeGreaterThan(next);
      expect(gap).toBeDefined();
      expect(gap?.To).toBe(data.Created);
    }
    gap = undefined;
    next = number + 1;
    numbers.push(number);
  }
  expect(next).toBe(to + 1);
  return numbers;
}
