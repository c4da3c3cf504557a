import { expect, test } from "bun:test";
import { unlessLate } from "./session.ts";

test("what comes in time is waited for, and no error of what is late is lost", async () => {
  expect(await unlessLate(Promise.resolve(1), 60_000, "late")).toBe(1);
  expect(await unlessLate(Promise.reject(new Error("failed")), 60_000, "late").catch(String)).toBe(
    "Error: failed",
  );
  expect(await unlessLate(new Promise(() => {}), 0, "nobody came").catch(String)).toBe(
    "Failure: nobody came",
  );
});
