import { describe, expect, test } from "bun:test";
import { FOREIGN } from "./cursor.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import {
  readListQuery,
  readPageQuery,
  readPerson,
  readRef,
  readResume,
  readStream,
  readStreamOptions,
  readSubscribe,
  readWait,
  type PageQuery,
  type Parameters,
} from "./query.ts";

function parameters(values: Record<string, string>): Parameters {
  const map = new Map(Object.entries(values));
  return { get: (name) => map.get(name) };
}

function rejection(read: () => unknown): { code: ProblemCode; detail: string } | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, detail: error.detail };
    throw error;
  }
  return undefined;
}

const NOT_NUMBERS = [
  "",
  " ",
  "x",
  "-1",
  "+1",
  "1.5",
  "1e2",
  "0x10",
  " 1",
  "1 ",
  "NaN",
  "Infinity",
  "99999999999",
  "１",
];

describe("GET /messages", () => {
  const T = "1795363701902393000";
  const cursor = 1_795_363_701_902_393;
  const table: [string, Record<string, string>, PageQuery][] = [
    ["nothing", {}, { kind: "newest", order: "oldest first", limit: 25 }],
    ["direction 1", { direction: "1" }, { kind: "newest", order: "oldest first", limit: 25 }],
    [
      "direction 1, last 0",
      { direction: "1", last: "0" },
      { kind: "newest", order: "oldest first", limit: 25 },
    ],
    ["last 00", { last: "00" }, { kind: "newest", order: "oldest first", limit: 25 }],
    ["last T", { last: T }, { kind: "after", cursor, limit: 25 }],
    ["direction 1, last T", { direction: "1", last: T, limit: "7" }, { kind: "after", cursor, limit: 7 }],
    ["direction -1", { direction: "-1" }, { kind: "newest", order: "newest first", limit: 25 }],
    [
      "direction -1, last 0",
      { direction: "-1", last: "0" },
      { kind: "newest", order: "newest first", limit: 25 },
    ],
    ["direction -1, last T", { direction: "-1", last: T, limit: "3" }, { kind: "before", cursor, limit: 3 }],
    [
      "a last between messages, forward",
      { last: "1795363701902393001" },
      { kind: "after", cursor, limit: 25 },
    ],
    [
      "a last between messages, backward",
      { direction: "-1", last: "1795363701902393001" },
      { kind: "before", cursor: cursor + 1, limit: 25 },
    ],
    ["last 1: from the beginning", { last: "1" }, { kind: "after", cursor: 0, limit: 25 }],
    [
      "last 1, backward: nothing is before",
      { direction: "-1", last: "1" },
      { kind: "before", cursor: 1, limit: 25 },
    ],
    ["limit 1", { limit: "1" }, { kind: "newest", order: "oldest first", limit: 1 }],
    ["limit 1024", { limit: "1024" }, { kind: "newest", order: "oldest first", limit: 1024 }],
    ["a cursor of this server", { last: `${T}-here` }, { kind: "after", cursor, limit: 25 }],
    ["the beginning of this server", { last: "0-here" }, { kind: "after", cursor: 0, limit: 25 }],
    ["a cursor of another server", { last: `${T}-there` }, { kind: "after", cursor: FOREIGN, limit: 25 }],
    [
      "a cursor of another server, backward",
      { direction: "-1", last: `${T}-there` },
      { kind: "before", cursor: FOREIGN, limit: 25 },
    ],
    ["an id", { id: "17-x" }, { kind: "one", id: "17-x" }],
  ];
  for (const [name, given, expected] of table) {
    test(name, () => {
      expect(readPageQuery(parameters(given), "here")).toEqual(expected);
    });
  }

  test("a limit is 1 to 1024", () => {
    for (const limit of ["0", "1025", ...NOT_NUMBERS])
      expect(rejection(() => readPageQuery(parameters({ limit }), "here"))).toEqual({
        code: "bad_parameter",
        detail: "limit must be a whole number from 1 to 1024",
      });
  });

  test("a direction is 1 or -1", () => {
    for (const direction of ["", "0", "2", "+1", "01", "-1 ", "forward", "1.0"]) {
      const rejected = rejection(() => readPageQuery(parameters({ direction }), "here"));
      expect(rejected).toEqual({ code: "bad_parameter", detail: "direction must be 1 or -1" });
    }
  });

  test("last has at most 20 digits", () => {
    for (const direction of ["1", "-1"]) {
      expect(
        rejection(() => readPageQuery(parameters({ direction, last: "9".repeat(20) }), "here")),
      ).toBeUndefined();
      for (const last of [
        ...NOT_NUMBERS.filter((one) => one !== "99999999999"),
        "9".repeat(21),
        "earliest",
      ]) {
        const rejected = rejection(() => readPageQuery(parameters({ direction, last }), "here"));
        expect(rejected?.code).toBe("bad_parameter");
        expect(rejected?.detail).toStartWith("last must be ");
      }
    }
  });

  test("wait is 0 to 60 seconds", () => {
    expect(readWait(parameters({}))).toBe(0);
    expect(readWait(parameters({ wait: "0" }))).toBe(0);
    expect(readWait(parameters({ wait: "60" }))).toBe(60);
    for (const wait of ["61", ...NOT_NUMBERS])
      expect(rejection(() => readWait(parameters({ wait })))?.code).toBe("bad_parameter");
  });
});

test("the default stream is _", () => {
  expect(readStream(parameters({}))).toBe("_");
  expect(readStream(parameters({ stream: "foo" }))).toBe("foo");
  for (const stream of ["", "a b", "a".repeat(65), "é"])
    expect(rejection(() => readStream(parameters({ stream })))?.code).toBe("bad_name");
});

test("a listener begins live, after a cursor, or with the earliest message", () => {
  expect(readResume(parameters({}).get("last"), "here")).toBeUndefined();
  // Sent by browsers without a last event id (WHATWG HTML §9.2.5).
  expect(readResume("", "here")).toBeUndefined();
  expect(readResume("earliest", "here")).toBe(0);
  expect(readResume("0", "here")).toBe(0);
  expect(readResume("1795363701902393000", "here")).toBe(1_795_363_701_902_393);
  expect(readResume("1795363701902393000-here", "here")).toBe(1_795_363_701_902_393);
  expect(readResume("1795363701902393000-there", "here")).toBe(FOREIGN);
  expect(rejection(() => readResume("latest", "here", "Last-Event-ID"))).toEqual({
    code: "bad_parameter",
    detail:
      "Last-Event-ID must be a cursor (nanoseconds since 1970, optionally followed by -<server>) or earliest",
  });
  for (const value of ["-1", "1.5", "EARLIEST", "9".repeat(21), "1\n", "12345-", "12345-a-b", "-here", "\0"])
    expect(rejection(() => readResume(value, "here"))?.code).toBe("bad_parameter");
});

test("a new stream is public and has the default time-to-live unless specified", () => {
  expect(readStreamOptions(parameters({}))).toEqual({ private: false, ttl: undefined });
  for (const yes of ["true", "1"])
    expect(readStreamOptions(parameters({ private: yes }))).toEqual({ private: true, ttl: undefined });
  for (const no of ["false", "0"])
    expect(readStreamOptions(parameters({ private: no, ttl: "1" }))).toEqual({ private: false, ttl: 1 });
  expect(readStreamOptions(parameters({ ttl: "604800" })).ttl).toBe(604_800);
  for (const value of ["", "yes", "no", "TRUE", "2", "on"])
    expect(rejection(() => readStreamOptions(parameters({ private: value })))?.code).toBe("bad_parameter");
  for (const ttl of ["0", "604801", ...NOT_NUMBERS])
    expect(rejection(() => readStreamOptions(parameters({ ttl })))?.code).toBe("bad_parameter");
});

test("a listener is anonymous or has a name and a status", () => {
  expect(readPerson(parameters({}), "_")).toBeUndefined();
  expect(readPerson(parameters({ name: " Ada " }), "_")).toEqual({ Name: "Ada", Status: "online" });
  expect(readPerson(parameters({ name: "Ada", status: "away" }), "_")).toEqual({
    Name: "Ada",
    Status: "away",
  });
  expect(rejection(() => readPerson(parameters({ name: "" }), "_"))?.code).toBe("bad_person");
  expect(rejection(() => readPerson(parameters({ status: "away" }), "_"))?.code).toBe("bad_parameter");
  for (const status of ["", "offline", "Online"])
    expect(rejection(() => readPerson(parameters({ name: "Ada", status }), "_"))?.code).toBe("bad_parameter");
});

test("a socket subscribes when it opens unless specified", () => {
  expect(readSubscribe(parameters({}))).toBe(true);
  expect(readSubscribe(parameters({ subscribe: "true" }))).toBe(true);
  expect(readSubscribe(parameters({ subscribe: "0" }))).toBe(false);
  expect(rejection(() => readSubscribe(parameters({ subscribe: "no" })))?.code).toBe("bad_parameter");
});

test("a ref has 16 to 64 characters", () => {
  expect(readRef(parameters({}))).toBeUndefined();
  for (const length of [16, 64])
    expect(readRef(parameters({ ref: "x".repeat(length) }))).toHaveLength(length);
  for (const length of [0, 15, 65])
    expect(rejection(() => readRef(parameters({ ref: "x".repeat(length) })))).toEqual({
      code: "bad_parameter",
      detail: "ref must be a string of 16 to 64 characters",
    });
});

test("a listing has a limit and an optional prefix", () => {
  expect(readListQuery(parameters({}))).toEqual({ limit: 1000, prefix: "" });
  expect(readListQuery(parameters({ q: "", limit: "5" }))).toEqual({ limit: 5, prefix: "" });
  expect(readListQuery(parameters({ q: "foo" }))).toEqual({ limit: 1000, prefix: "foo" });
  for (const q of ["a b", "é", "*", "a".repeat(65)])
    expect(rejection(() => readListQuery(parameters({ q })))?.code).toBe("bad_parameter");
  for (const limit of ["0", "1001", ...NOT_NUMBERS])
    expect(rejection(() => readListQuery(parameters({ limit })))?.code).toBe("bad_parameter");
});
