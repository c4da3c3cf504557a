/**
 * All errors of the protocol. The server sends them as `application/problem+json` (RFC 9457) or as WebSocket error frames, the
 * SDK throws them, and docs/protocol.md lists them.
 */
const PROBLEMS = {
  bad_request: { status: 400, title: "Malformed request" },
  bad_encoding: { status: 400, title: "Invalid UTF-8" },
  bad_json: { status: 400, title: "Malformed JSON" },
  bad_parameter: { status: 400, title: "Invalid parameter" },
  duplicate_parameter: { status: 400, title: "Duplicate parameter" },
  bad_name: { status: 400, title: "Invalid stream name" },
  bad_person: { status: 400, title: "Invalid name of a listener" },
  text_missing: { status: 400, title: "Text required" },
  text_malformed: { status: 400, title: "Text is not well-formed Unicode" },
  text_control: { status: 400, title: "Text contains a control character other than tab and newline" },
  too_many_subscriptions: { status: 400, title: "Too many subscriptions on one connection" },
  token_missing: { status: 401, title: "Owner token required" },
  token_wrong: { status: 403, title: "Invalid owner token" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  stream_exists: { status: 409, title: "Stream already exists" },
  ref_reused: { status: 409, title: "Ref already used for another text" },
  server_changed: { status: 409, title: "Server is not the one named in the request" },
  text_too_long: { status: 413, title: "Text too long" },
  body_too_large: { status: 413, title: "Request body too large" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  memory_full: { status: 503, title: "Memory limit reached" },
  shutting_down: { status: 503, title: "Server is shutting down" },
  internal: { status: 500, title: "Internal server error" },
} as const satisfies Record<string, { status: number; title: string }>;

/** Stable, machine-readable name of an error. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The body of an error response, RFC 9457 §3.1, with `code` as extension member. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
}

/** An error that is reported to the client. `detail` explains this occurrence. */
export class Problem extends Error {
  override readonly name = "Problem";

  readonly code: ProblemCode;
  readonly detail: string;

  constructor(code: ProblemCode, detail: string = PROBLEMS[code].title) {
    super(detail);
    this.code = code;
    this.detail = detail;
  }

  /** Returns the problem to report. Any other error is a bug and becomes `internal`: its message is not for clients. */
  static of(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem("internal");
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** RFC 9457 §3.1. With `about:blank`, `title` should be the HTTP status phrase, so each code has its own URN. */
  details(): ProblemDetails {
    const { title, status } = PROBLEMS[this.code];
    return { type: `urn:malten:problem:${this.code}`, title, status, detail: this.detail, code: this.code };
  }
}
