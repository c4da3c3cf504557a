// Whether what a server sent is well-formed: HTTP responses one after the other, or a handshake and WebSocket frames.
import { readServerFrame } from "../frames.ts";
import { checkBody, checkFrame } from "./answer-body.ts";

/** Everything that this server and its runtime answer. 500 and 502 are not among them. */
const STATUSES = [
  100, 101, 200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 415, 417, 421, 426, 429, 431, 501, 503, 505,
];

const STATUS_LINE = /^HTTP\/1\.1 ([0-9]{3}) [\t\x20-\x7e]*$/;

const FIELD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[\t\x20-\x7e\x80-\xff]*$/;

/**
 * What the runtime writes before it closes a connection on which it cannot find the next request. It does so even in the middle of
 * a response to an earlier request that the client did not wait for, be it in the body or in the headers.
 */
const REJECTION = /^HTTP\/1\.1 (?:4[0-9]{2}|505) [\x20-\x7e]*\r\nConnection: close\r\n\r\n$/;

const BLANK = Buffer.from("\r\n\r\n");

/** What was read of an answer. */
export interface AnswerSummary {
  readonly statuses: readonly number[];
  /** Whether the last response or frame is complete. A connection that was cut off may end anywhere. */
  readonly complete: boolean;
}

/**
 * Reads everything that a server sent on one connection.
 * @param bodiless Whether a request may have been a HEAD, whose response has a length but no body
 * @throws Error that says what is malformed
 */
export function checkAnswer(answer: Buffer, bodiless: boolean): AnswerSummary {
  const statuses: number[] = [];
  let rest = answer;
  while (rest.length > 0) {
    const end = rest.indexOf(BLANK);
    if (end === -1) return { statuses, complete: false };
    const head = rest.toString("latin1", 0, end);
    const rejection = head.lastIndexOf("\r\nHTTP/1.1 ");
    if (rejection !== -1 && REJECTION.test(rest.toString("latin1", rejection + 2)))
      return { statuses, complete: false };
    const { status, fields } = readHead(head);
    statuses.push(status);
    rest = rest.subarray(end + BLANK.length);
    if (status === 101) return { statuses, complete: checkFrames(rest) };
    const body = takeBody(rest, status, fields, bodiless);
    checkBody(body.bytes, status, fields, body.complete);
    if (!body.complete) return { statuses, complete: false };
    rest = rest.subarray(body.size);
  }
  return { statuses, complete: true };
}

function readHead(head: string): { status: number; fields: Headers } {
  const [line = "", ...lines] = head.split("\r\n");
  const status = Number(STATUS_LINE.exec(line)?.[1]);
  if (!STATUSES.includes(status)) throw new Error(`the status line ${JSON.stringify(line)}`);
  const fields = new Headers();
  for (const field of lines) {
    if (!FIELD.test(field)) throw new Error(`the header ${JSON.stringify(field)}`);
    const colon = field.indexOf(":");
    const name = field.slice(0, colon);
    if (fields.has(name) && name.toLowerCase() !== "vary") throw new Error(`two headers ${name}`);
    fields.append(name, field.slice(colon + 1));
  }
  return { status, fields };
}

interface TakenBody {
  readonly bytes: Buffer;
  /** Its length on the wire. */
  readonly size: number;
  readonly complete: boolean;
}

function takeBody(rest: Buffer, status: number, fields: Headers, bodiless: boolean): TakenBody {
  const none = { bytes: Buffer.alloc(0), size: 0, complete: true };
  if (status < 200 || status === 204) return none;
  if (bodiless && (rest.length === 0 || rest.subarray(0, 9).equals(Buffer.from("HTTP/1.1 ")))) return none;
  if (fields.get("transfer-encoding") === "chunked") return takeChunks(rest);
  const given = fields.get("content-length");
  // Without a length, the response ends with the connection.
  if (given === null) return { bytes: rest, size: rest.length, complete: true };
  if (!/^[0-9]+$/.test(given)) throw new Error(`the length ${given}`);
  const length = Number(given);
  return { bytes: rest.subarray(0, length), size: length, complete: rest.length >= length };
}

function takeChunks(rest: Buffer): TakenBody {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const bytes = Buffer.concat(chunks);
    const end = rest.indexOf("\r\n", at);
    if (end === -1) return { bytes, size: at, complete: false };
    const line = rest.toString("latin1", at, end);
    if (REJECTION.test(rest.toString("latin1", at))) return { bytes, size: at, complete: false };
    if (!/^[0-9a-fA-F]{1,8}$/.test(line)) throw new Error(`the chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    const next = end + 2 + size + 2;
    if (rest.length < next) return { bytes, size: at, complete: false };
    if (rest.toString("latin1", next - 2, next) !== "\r\n") throw new Error("a chunk longer than its size");
    if (size === 0) return { bytes, size: next, complete: true };
    chunks.push(rest.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

/** Returns whether the last frame is complete. */
function checkFrames(bytes: Buffer): boolean {
  let rest = bytes;
  let closed = false;
  while (rest.length > 0) {
    const frame = readServerFrame(rest);
    if (frame === undefined) return false;
    if (closed) throw new Error("a frame after the close frame");
    closed = frame.opcode === 8;
    checkFrame(frame);
    rest = rest.subarray(frame.size);
  }
  return true;
}
