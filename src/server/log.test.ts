import { expect, test } from "bun:test";
import { ManualClock } from "../../test-support/clock.ts";
import { describeError, ServerLog, type LogFormat } from "./log.ts";

/** Text that must not be logged, in the shape of a stack frame. */
const SECRET = "secret\n    at secret (/src/secret.ts:1:1)\n    at secret:1:1";

function setUp(format: LogFormat = "text") {
  const clock = new ManualClock();
  const lines: string[] = [];
  return { clock, lines, log: new ServerLog((line) => lines.push(line), clock, format) };
}

test("an error is logged with its class and stack frames", () => {
  const { lines, log } = setUp();
  log.error("POST /messages", new RangeError("too large"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toStartWith("error: POST /messages failed: RangeError at ");
  expect(lines[0]).toContain("(src/server/log.test.ts:");
});

test("error messages are never logged, even if they look like stack frames", () => {
  const cause = new TypeError(SECRET);
  const renamed = new Error(SECRET);
  renamed.name = SECRET;
  const edited = new Error("harmless");
  edited.message = SECRET;
  const coded = Object.assign(new Error(SECRET), { code: SECRET });
  const errors = [new Error(SECRET, { cause }), renamed, edited, coded, SECRET, { message: SECRET }, null];
  for (const error of errors) expect(describeError(error)).not.toMatch(/secret/i);
  class Custom extends Error {}
  expect(describeError(new Custom(SECRET))).toMatch(/^Custom at /);
});

test("paths outside the source tree are not logged", () => {
  const error = new Error("x");
  error.stack =
    "Error: x\n    at run (/home/ada/malten/src/server/a.ts:1:2)\n    at /home/ada/other.ts:3:4\n" +
    "    at native\n    at emit (node:events:1:1)\n    at f (/home/ada/node_modules/x/src/i.js:1:1)\n" +
    "    at /$bunfs/root/malten:5:6\n";
  expect(describeError(error)).toBe(
    "Error at run (src/server/a.ts:1:2) at <anonymous> (other.ts:3:4) at <anonymous> (malten:5:6)",
  );
});

test("causes and codes of system errors are logged", () => {
  const cause = Object.assign(new Error("10.0.0.1"), { code: "ECONNREFUSED" });
  expect(describeError(new Error("x", { cause }))).toMatch(/^Error at .*, caused by Error ECONNREFUSED at /);
  expect(describeError("text")).toBe("string");
  expect(describeError(null)).toBe("object");
  const circular = new Error("x");
  circular.cause = circular;
  expect(describeError(circular).split("caused by")).toHaveLength(4);
});

test("a flood of errors is limited to 10 lines, then to one per minute with the number suppressed", () => {
  const { clock, lines, log } = setUp();
  for (let i = 0; i < 1000; i++) log.error("GET /messages", new Error("x"));
  expect(lines).toHaveLength(10);
  clock.advance(60_000);
  for (let i = 0; i < 1000; i++) log.error("GET /messages", new Error("x"));
  expect(lines).toHaveLength(12);
  expect(lines[10]).toBe("error: 990 more errors suppressed");
  clock.advance(600_000);
  for (let i = 0; i < 1000; i++) log.error("GET /messages", new Error("x"));
  expect(lines).toHaveLength(23);
});

test("warnings are limited like errors, but apart from them", () => {
  const { clock, lines, log } = setUp();
  for (let i = 0; i < 100; i++) log.error("GET /messages", new Error("x"));
  for (let i = 0; i < 100; i++) log.warning("odd");
  expect(lines.slice(10)).toEqual(Array<string>(10).fill("warning: odd"));
  clock.advance(60_000);
  log.warning("odd");
  expect(lines.slice(20)).toEqual(["warning: 90 more warnings suppressed", "warning: odd"]);
});

test("as text, starting and stopping are not logged", () => {
  const { lines, log } = setUp();
  log.lifecycle("started", { version: "1" });
  log.info("certificate reloaded", { expires: "tomorrow" });
  expect(lines).toEqual(["info: certificate reloaded expires=tomorrow"]);
});

test("as JSON, each line is an object with the time and the level", () => {
  const { clock, lines, log } = setUp("json");
  log.lifecycle("started", { version: "1", port: 9090, host: undefined });
  clock.advance(1500);
  log.warning('a "quoted" warning');
  log.error("POST /messages", new RangeError("secret"));
  const [started, warned, failed] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const time = (milliseconds: number) => new Date(clock.wall() / 1000 + milliseconds).toISOString();
  expect(started).toEqual({
    time: time(-1500),
    level: "info",
    message: "started",
    version: "1",
    port: 9090,
  });
  expect(warned).toEqual({ time: time(0), level: "warning", message: 'a "quoted" warning' });
  expect(failed).toMatchObject({ time: time(0), level: "error", message: "POST /messages failed" });
  expect(failed?.["error"]).toMatch(/^RangeError at /);
  expect(lines.join("")).not.toContain("secret");
});
