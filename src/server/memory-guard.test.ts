import { expect, test } from "bun:test";
import { MemoryGuard } from "./memory-guard.ts";

const MB = 1024 * 1024;

/** A process with `live` memory and `garbage`. A collection takes 100 ms. */
class FakeMemory {
  readonly limit = 64 * MB;
  live = 60 * MB;
  garbage = 0;
  charged = 0;
  collections = 0;
  now = 0;

  resident(): number {
    return this.live + this.garbage;
  }

  used(): number {
    return this.charged;
  }

  collect(): void {
    this.collections++;
    this.garbage = 0;
    this.now += 100;
  }

  monotonic(): number {
    return this.now;
  }
}

test("collects garbage when the process comes close to its bound, and only then", () => {
  const memory = new FakeMemory();
  const guard = new MemoryGuard(memory);
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    memory.now += 50;
    memory.garbage += 2 * MB;
    most = Math.max(most, memory.resident());
    guard.check();
  }
  expect(most).toBeLessThan(64 * MB * 1.25 + 130 * MB);
  // Each time it frees about 90 MB.
  expect(memory.collections).toBeGreaterThan(15);
  expect(memory.collections).toBeLessThan(25);
});

test("checks at once after requests that make much garbage", () => {
  const memory = new FakeMemory();
  const guard = new MemoryGuard(memory);
  memory.garbage = 200 * MB;
  for (let made = 0; made < 8; made++) guard.made(MB);
  expect(memory.collections).toBe(0);
  guard.made(MB);
  expect(memory.collections).toBe(1);
});

test("does not collect what is in use, and leaves time between two collections", () => {
  const memory = new FakeMemory();
  const guard = new MemoryGuard(memory);
  memory.live = 300 * MB;
  for (let i = 0; i < 1000; i++) {
    memory.now += 50;
    guard.check();
  }
  expect(memory.collections).toBe(1);
  const start = memory.now;
  for (let i = 0; i < 1000; i++) {
    memory.now += 50;
    memory.garbage += 100 * MB;
    guard.check();
  }
  expect((memory.collections - 1) * 100).toBeLessThanOrEqual((memory.now - start) * 0.2 + 100);
  expect(memory.collections).toBeGreaterThan(100);
});

test("collects once after much was deleted", () => {
  const memory = new FakeMemory();
  const guard = new MemoryGuard(memory);
  memory.charged = 60 * MB;
  guard.check();
  for (let left = 60; left >= 0; left--) {
    memory.now += 1000;
    memory.charged = left * MB;
    guard.check();
  }
  expect(memory.collections).toBe(3);
  for (let i = 0; i < 100; i++) {
    memory.now += 1000;
    guard.check();
  }
  expect(memory.collections).toBe(3);
});

test("goes on without a descriptor, which the system needs to say how much memory there is", () => {
  const memory = new FakeMemory();
  const guard = new MemoryGuard(memory);
  memory.now += 50;
  guard.check();
  const resident = memory.resident.bind(memory);
  memory.resident = () => {
    throw new Error("too many open files");
  };
  memory.now += 50;
  expect(guard.check()).toBeGreaterThan(0);
  memory.resident = resident;
  memory.garbage = 200 * MB;
  memory.now += 50;
  guard.check();
  expect(memory.collections).toBe(1);
});
