import { gunzipSync } from "node:zlib";
import type { ServerFrameBytes } from "../frames.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Close codes that may be sent (RFC 6455 §7.4, and the protocol's own). */
const CLOSE_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];

/** Checks the body of a response as far as it has arrived. @throws Error that says what is malformed */
export function checkBody(body: Buffer, status: number, fields: Headers, complete: boolean): void {
  const type = fields.get("content-type")?.split(";")[0] ?? "";
  if (body.length === 0) return;
  if (type === "text/event-stream") return checkLines(body, "\n\n", checkBlock);
  if (type === "application/x-ndjson")
    return checkLines(body, "\n", (line) => line !== "" && checkJson(line));
  if (!complete) return;
  if (type === "application/json") checkJson(utf8.decode(isGzipped(fields) ? gunzipSync(body) : body));
  if (type !== "application/problem+json") return;
  const problem = checkJson(utf8.decode(body));
  if (problem["status"] !== status)
    throw new Error(`a problem of status ${String(problem["status"])} in a response of ${status}`);
  if (problem["code"] === "internal") throw new Error("an internal error");
}

function isGzipped(fields: Headers): boolean {
  return fields.get("content-encoding") === "gzip";
}

/** Checks a frame of the server. @throws Error that says what is malformed */
export function checkFrame({ opcode, fin, payload }: ServerFrameBytes): void {
  if (opcode === 8) return checkClose(payload);
  if (opcode === 9 || opcode === 10) return;
  if (opcode !== 1 || !fin) throw new Error(`a message of opcode ${opcode}, ${fin ? "whole" : "fragmented"}`);
  for (const line of utf8.decode(payload).split("\n")) {
    const frame = checkJson(line);
    if (!["message", "event", "welcome", "ack", "error"].includes(String(frame["Type"])))
      throw new Error(`the frame ${line}`);
    if (frame["Code"] === "internal") throw new Error("an internal error");
  }
}

function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  const code = payload.readUInt16BE(0);
  // The runtime repeats the code of the client's close frame (RFC 6455 §5.5.1).
  if (!CLOSE_CODES.includes(code) && (code < 3000 || code > 4999)) throw new Error(`the close code ${code}`);
  utf8.decode(payload.subarray(2));
}

/** Checks each complete piece of a live response. */
function checkLines(body: Buffer, separator: string, check: (piece: string) => unknown): void {
  const end = body.lastIndexOf(separator);
  if (end === -1) return;
  for (const piece of utf8.decode(body.subarray(0, end)).split(separator)) check(piece);
}

/** Checks a server-sent event: each line is one field, and no field appears twice. */
function checkBlock(block: string): void {
  const seen = new Set<string>();
  for (const line of block.split("\n")) {
    const field = /^(id|data|retry|):/.exec(line)?.[1];
    if (field === undefined || line.includes("\r"))
      throw new Error(`the line ${JSON.stringify(line)} in an event`);
    if (field !== "" && seen.has(field)) throw new Error(`two fields ${field} in an event`);
    seen.add(field);
    if (field === "id" && !/^id:[0-9]{1,20}-[A-Za-z0-9]{1,32}$/.test(line))
      throw new Error(`the id ${JSON.stringify(line)}`);
    if (field === "data") checkJson(line.slice("data:".length));
  }
}

/** Returns an object or, for an array, an empty one. @throws SyntaxError */
function checkJson(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) throw new Error(`the JSON ${json.slice(0, 80)}`);
  return Array.isArray(value) ? {} : { ...value };
}
