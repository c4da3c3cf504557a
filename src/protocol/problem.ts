/**
 * The one table of errors. The server answers with them as `application/problem+json` (RFC 9457),
 * WebSockets as error frames, the SDK throws them, and docs/protocol.md lists them.
 */
const PROBLEMS = {
  bad_request: { status: 400, title: "The request is malformed" },
  bad_encoding: { status: 400, title: "The request is not valid UTF-8" },
  bad_json: { status: 400, title: "The JSON is malformed" },
  bad_parameter: { status: 400, title: "A parameter has a value that it cannot have" },
  duplicate_parameter: { status: 400, title: "A parameter is given twice" },
  bad_name: { status: 400, title: "Not a stream name" },
  bad_person: { status: 400, title: "Not a name that a person can have" },
  text_missing: { status: 400, title: "The message has no text" },
  text_malformed: { status: 400, title: "The text is not well-formed Unicode" },
  text_control: { status: 400, title: "The text has a control character other than tab and newline" },
  too_many_subscriptions: { status: 400, title: "The connection listens to too many streams" },
  token_missing: { status: 401, title: "The owner token is missing" },
  token_wrong: { status: 403, title: "Not the owner token of this stream" },
  not_found: { status: 404, title: "There is no such thing here" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  stream_exists: { status: 409, title: "A stream of this name exists" },
  ref_reused: { status: 409, title: "The Ref belongs to a message with another text" },
  server_changed: { status: 409, title: "The server is not the one that the Ref was first sent to" },
  text_too_long: { status: 413, title: "The message is too long" },
  body_too_large: { status: 413, title: "The request body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  memory_full: { status: 503, title: "The server's memory for messages is full" },
  shutting_down: { status: 503, title: "The server is shutting down" },
  internal: { status: 500, title: "The server made a mistake" },
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

/** An error that a client is told about. `detail` says what was wrong with this very request. */
export class Problem extends Error {
  override readonly name = "Problem";

  readonly code: ProblemCode;
  readonly detail: string;

  constructor(code: ProblemCode, detail: string = PROBLEMS[code].title) {
    super(detail);
    this.code = code;
    this.detail = detail;
  }

  /** What a client is told of an error. What is not a problem is our mistake, and its text is not for clients. */
  static of(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem("internal");
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** RFC 9457 §3.1. `about:blank` would make `title` the HTTP phrase, so each code has a URN of its own. */
  details(): ProblemDetails {
    const { title, status } = PROBLEMS[this.code];
    return { type: `urn:malten:problem:${this.code}`, title, status, detail: this.detail, code: this.code };
  }
}
