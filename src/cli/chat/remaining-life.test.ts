import { expect, test } from "bun:test";
import type { Message, StreamEvent } from "../../client/index.ts";
import { RemainingLife } from "./remaining-life.ts";

const ID = { id: "1", text: "x", cursor: "1", time: new Date(0), stream: "foo", own: false };

function message(created: string): StreamEvent {
  const received: Message = { ...ID, created };
  return { type: "message", message: received };
}

test("a message gives a stream its whole life again, unless the server had counted it", () => {
  const life = new RemainingLife(1024);
  life.take(message("900"), 0);
  expect(life.at(0)).toBeUndefined();
  life.take({ type: "welcome", created: "1000", ttl: 60, left: 30_000, count: 3 }, 0);
  expect(life.at(10_000)).toEqual({ left: 20, ttl: 60 });
  life.take(message("1000"), 10_000);
  expect(life.at(10_000)).toEqual({ left: 20, ttl: 60 });
  life.take(message("1001"), 10_000);
  expect(life.at(10_000)).toEqual({ left: 60, ttl: 60 });
  expect(life.at(100_000)).toEqual({ left: 0, ttl: 60 });
});

test("a stream that ended lives again by default, or as it is created", () => {
  const life = new RemainingLife(1024);
  life.take({ type: "welcome", created: "1000", ttl: 60, count: 0 }, 0);
  expect(life.at(0)).toBeUndefined();
  life.take({ type: "created", ttl: 90 }, 0);
  expect(life.at(0)).toEqual({ left: 90, ttl: 90 });
  life.take({ type: "ended", reason: "idle" }, 0);
  expect(life.at(0)).toBeUndefined();
  life.take(message("2000"), 0);
  expect(life.at(0)).toEqual({ left: 1024, ttl: 1024 });
});
