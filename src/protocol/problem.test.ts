import { expect, test } from "bun:test";
import { Problem, type ProblemCode } from "./problem.ts";

/** Repeated on purpose: clients rely on these, so a change must be deliberate. */
const STATUSES: Record<ProblemCode, number> = {
  bad_request: 400,
  bad_encoding: 400,
  bad_json: 400,
  bad_parameter: 400,
  duplicate_parameter: 400,
  bad_name: 400,
  bad_person: 400,
  text_missing: 400,
  text_malformed: 400,
  text_control: 400,
  envelope_required: 400,
  token_missing: 401,
  token_wrong: 403,
  origin_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  stream_exists: 409,
  ref_reused: 409,
  server_changed: 409,
  text_too_long: 413,
  body_too_large: 413,
  unsupported_media_type: 415,
  misdirected: 421,
  rate_limited: 429,
  quota_exceeded: 429,
  too_many_connections: 429,
  too_many_subscriptions: 429,
  internal: 500,
  memory_full: 503,
  unavailable: 503,
  shutting_down: 503,
  too_busy: 503,
};

const codes = Object.keys(STATUSES) as ProblemCode[];

test("each code has its status", () => {
  for (const code of codes) {
    expect(new Problem(code).status).toBe(STATUSES[code]);
    expect(new Problem(code).details().status).toBe(STATUSES[code]);
  }
});

test("details have the members of RFC 9457 §3.1 and the code", () => {
  for (const code of codes) {
    const details = new Problem(code, "This very request").details();
    expect(Object.keys(details)).toEqual(["type", "title", "status", "detail", "code"]);
    expect(details).toMatchObject({ type: `urn:malten:problem:${code}`, detail: "This very request", code });
    expect(URL.canParse(details.type)).toBe(true);
    expect(details.title).not.toBe("");
  }
});

test("the title is the default detail", () => {
  for (const code of codes) {
    const { title, detail } = new Problem(code).details();
    expect(detail).toBe(title);
  }
});

test("each code has its own title", () => {
  expect(new Set(codes.map((code) => new Problem(code).details().title)).size).toBe(codes.length);
});

test("a problem is an error with the detail as its message", () => {
  const problem = new Problem("bad_name", "Too long");
  expect(problem).toBeInstanceOf(Error);
  expect(problem.message).toBe("Too long");
  expect(problem.name).toBe("Problem");
  expect(problem.code).toBe("bad_name");
});

test("429 and 503 say when to try again, in whole seconds, and nothing else does", () => {
  for (const code of codes) {
    const { status, retryAfter } = new Problem(code);
    if (status === 429 || status === 503) expect(retryAfter).toBeGreaterThanOrEqual(1);
    else expect(retryAfter).toBeUndefined();
  }
  expect(new Problem("rate_limited", "Too fast", 17).retryAfter).toBe(17);
});
