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
  bad_person: { status: 400, title: "Invalid name of a person" },
  text_missing: { status: 400, title: "Text required" },
  text_malformed: { status: 400, title: "Text is not well-formed Unicode" },
  text_control: { status: 400, title: "Text contains a control character other than tab and newline" },
  envelope_required: { status: 400, title: "Envelope required" },
  token_missing: { status: 401, title: "Owner token required" },
  token_wrong: { status: 403, title: "Invalid owner token" },
  origin_not_allowed: { status: 403, title: "Origin not allowed" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  stream_exists: { status: 409, title: "Stream already exists" },
  ref_reused: { status: 409, title: "Ref already used for another message" },
  server_changed: { status: 409, title: "Server is not the one named in the request" },
  text_too_long: { status: 413, title: "Text too long" },
  body_too_large: { status: 413, title: "Request body too large" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  misdirected: { status: 421, title: "Host not allowed" },
  rate_limited: { status: 429, title: "Too many requests", retryAfter: 1 },
  quota_exceeded: { status: 429, title: "Share of the memory used up", retryAfter: 5 },
  too_many_connections: { status: 429, title: "Too many connections", retryAfter: 5 },
  too_many_subscriptions: { status: 429, title: "Too many subscriptions", retryAfter: 5 },
  internal: { status: 500, title: "Internal server error" },
  memory_full: { status: 503, title: "Memory limit reached", retryAfter: 5 },
  unavailable: { status: 503, title: "Streams cannot be reached at the moment", retryAfter: 2 },
  shutting_down: { status: 503, title: "Server is shutting down", retryAfter: 5 },
  too_busy: { status: 503, title: "Server is at its limit", retryAfter: 5 },
} as const satisfies Record<string, ProblemKind>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Seconds after which the client may try again, unless the occurrence says otherwise. */
  readonly retryAfter?: number;
}

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

/**
 * An error that is reported to the client. `detail` explains this occurrence. `retryAfter` is when the client may try again, in
 * whole seconds; undefined if trying again does not help.
 */
export class Problem extends Error {
  override readonly name = "Problem";

  readonly code: ProblemCode;
  readonly detail: string;
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, detail: string = PROBLEMS[code].title, retryAfter?: number) {
    super(detail);
    this.code = code;
    this.detail = detail;
    const kind: ProblemKind = PROBLEMS[code];
    this.retryAfter = retryAfter ?? kind.retryAfter;
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
