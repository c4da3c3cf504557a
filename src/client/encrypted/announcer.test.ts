import { expect, test } from "bun:test";
import { Announcer } from "./announcer.ts";

test("nothing is kept for someone who no longer listens", async () => {
  const events = new Announcer<number>();
  for (let i = 0; i < 3; i++) {
    const heard: number[] = [];
    const listening = events.listen();
    for (const event of [1, 2, 3]) events.tell(event);
    for await (const event of listening) {
      heard.push(event);
      if (event === 2) break;
    }
    expect(heard).toEqual([1, 2]);
  }
  expect(events.size).toBe(0);
});
