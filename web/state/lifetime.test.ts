// How long a stream lives and how much it keeps, from what the server says.
import { afterEach, beforeEach, describe, expect, setSystemTime, test } from "bun:test";
import { MAX_MESSAGES } from "../../src/protocol/limits.ts";
import { Lifetime } from "./lifetime.ts";

const START = Date.UTC(2026, 10, 26, 11);

/** Times of the server: nanoseconds, by a clock that is an hour fast. */
function serverTime(seconds: number): string {
  return `${START + 3_600_000 + seconds * 1000}000000`;
}

/** Lets this device's clock go on. */
function pass(seconds: number): void {
  setSystemTime(Date.now() + seconds * 1000);
}

function secondsLeft({ expiresAt }: Lifetime): number | undefined {
  return expiresAt.value === undefined ? undefined : (expiresAt.value - Date.now()) / 1000;
}

let life: Lifetime;

beforeEach(() => {
  setSystemTime(START);
  life = new Lifetime(() => Promise.resolve(1024));
});

afterEach(() => {
  setSystemTime();
});

describe("a stream", () => {
  beforeEach(() => {
    life.onWelcome({ type: "welcome", created: serverTime(0), ttl: 600, left: 400_000, count: 7 });
  });

  test("has the time and the messages that the server says, whatever its clock says", () => {
    expect(secondsLeft(life)).toBe(400);
    expect(life.count.value).toBe(7);
    pass(100);
    expect(secondsLeft(life)).toBe(300);
  });

  test("has its whole time again, and one message more, when someone writes", () => {
    pass(100);
    life.onMessage(serverTime(100));
    expect(secondsLeft(life)).toBe(600);
    expect(life.count.value).toBe(8);
  });

  test("is not renewed by messages from before the welcome, which come after it", () => {
    life.onMessage(serverTime(-200));
    life.onMessage(serverTime(0));
    expect(secondsLeft(life)).toBe(400);
    expect(life.count.value).toBe(7);
  });

  test("starts over at most once a second, for what is drawn of it", () => {
    pass(10);
    life.onMessage(serverTime(10));
    const since = life.since.value;
    pass(0.9);
    life.onMessage(serverTime(10.9));
    expect(life.since.value).toBe(since);
    pass(0.1);
    life.onMessage(serverTime(11));
    expect(life.since.value).not.toBe(since);
  });

  test("keeps no more messages than it can", () => {
    life.onWelcome({ type: "welcome", created: serverTime(1), ttl: 600, left: 1, count: MAX_MESSAGES - 1 });
    for (const second of [2, 3, 4]) life.onMessage(serverTime(second));
    expect(life.count.value).toBe(MAX_MESSAGES);
    expect(life.room.value).toBe(0);
  });

  test("is about to end when the server says so, until someone writes", () => {
    expect(life.isEnding.value).toBe(false);
    pass(342);
    life.onExpiring(60);
    expect(life.isEnding.value).toBe(true);
    expect(secondsLeft(life)).toBe(60);
    life.onMessage(serverTime(345));
    expect(life.isEnding.value).toBe(false);
    expect(secondsLeft(life)).toBe(600);
  });

  test("has nothing once it has ended, and the server's time when it begins again", async () => {
    life.onEnd("idle");
    expect(life.end.value?.reason).toBe("idle");
    expect(secondsLeft(life)).toBeUndefined();
    expect(life.count.value).toBe(0);
    life.onMessage(serverTime(700));
    expect(life.end.value).toBeUndefined();
    expect(life.count.value).toBe(1);
    await Promise.resolve();
    expect(secondsLeft(life)).toBe(1024);
  });

  test("has ended while there was no connection: nothing is left", () => {
    life.onWelcome({ type: "welcome", created: serverTime(900), ttl: 1024, count: 0 });
    expect(secondsLeft(life)).toBeUndefined();
    expect(life.isAbsent.value).toBe(true);
  });
});

describe("a stream that does not exist", () => {
  beforeEach(() => {
    life.onWelcome({ type: "welcome", created: serverTime(0), ttl: 1024, count: 0 });
  });

  test("has no time until a message creates it", () => {
    expect(secondsLeft(life)).toBeUndefined();
    life.onMessage(serverTime(5));
    expect(secondsLeft(life)).toBe(1024);
  });

  test("has the time with which someone creates it", () => {
    life.onCreated(3600);
    expect(secondsLeft(life)).toBe(3600);
    expect(life.isAbsent.value).toBe(false);
  });
});

test("a stream that is found in its last minute is about to end", () => {
  life.onWelcome({ type: "welcome", created: serverTime(0), ttl: 1024, left: 59_000, count: 1 });
  expect(life.isEnding.value).toBe(true);
});
