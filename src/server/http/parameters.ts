import { hasDuplicateNames, isJsonObject } from "../../protocol/json.ts";
import { MAX_BODY } from "../../protocol/limits.ts";
import { Problem } from "../../protocol/problem.ts";
import type { Parameters } from "../../protocol/query.ts";
import { decodeForm, decodeUtf8 } from "./decode.ts";

/** Maximum number of parameters per request: more than any request needs. */
const MAX_PARAMETERS = 32;

/** The parameters of one request, from its query and its body. */
export class RequestParameters implements Parameters {
  /** Alternating names and values. A linear search beats hashing for a few: a Map took an eighth of a publish. */
  private readonly pairs: string[] = [];

  /** Reads a query string. @throws Problem `duplicate_parameter`, `bad_encoding`, `bad_request` */
  constructor(query = "") {
    this.addForm(query);
  }

  get(name: string): string | undefined {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1];
    return undefined;
  }

  /** @throws Problem `duplicate_parameter`, `bad_request` */
  add(name: string, value: string): void {
    if (this.get(name) !== undefined) {
      throw new Problem("duplicate_parameter", `${printable(name)} appears more than once`);
    }
    if (this.pairs.length === 2 * MAX_PARAMETERS) {
      throw new Problem("bad_request", `Too many parameters; the limit is ${MAX_PARAMETERS}`);
    }
    this.pairs.push(name, value);
  }

  /** `application/x-www-form-urlencoded`, WHATWG URL §5.1. */
  addForm(form: string): void {
    for (let start = 0; start < form.length;) {
      const ampersand = form.indexOf("&", start);
      const end = ampersand === -1 ? form.length : ampersand;
      if (end > start) this.addPair(form.slice(start, end));
      start = end + 1;
    }
  }

  private addPair(pair: string): void {
    const equals = pair.indexOf("=");
    if (equals === -1) this.add(decodeForm(pair), "");
    else this.add(decodeForm(pair.slice(0, equals)), decodeForm(pair.slice(equals + 1)));
  }
}

/**
 * Adds the parameters of the request's body.
 * @throws Problem `unsupported_media_type`, `body_too_large`, `bad_json`, `bad_encoding`, `duplicate_parameter`, `bad_request`
 */
export async function addBody(parameters: RequestParameters, request: Request): Promise<void> {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new Problem("unsupported_media_type", "Content-Encoding is not supported");
  }
  if (Number(request.headers.get("content-length")) > MAX_BODY) throw bodyTooLarge();
  const bytes = new Uint8Array(await readBody(request));
  if (bytes.length > MAX_BODY) throw bodyTooLarge();
  if (bytes.length === 0) return;
  const contentType = request.headers.get("content-type") ?? "";
  const charset = /; *charset="?([^";]*)/i.exec(contentType)?.[1] ?? "utf-8";
  if (charset.trim().toLowerCase() !== "utf-8")
    throw new Problem("unsupported_media_type", "The charset must be utf-8");
  const body = decodeUtf8(bytes);
  switch (contentType.split(";", 1)[0]?.trim().toLowerCase()) {
    case "application/x-www-form-urlencoded":
      return parameters.addForm(body);
    case "multipart/form-data":
      return addMultipart(parameters, bytes, contentType);
    case "application/json":
      return addJson(parameters, body);
    case "text/plain":
      return parameters.add("text", body);
    default:
      throw new Problem(
        "unsupported_media_type",
        "The body must be application/x-www-form-urlencoded, multipart/form-data, application/json or text/plain",
      );
  }
}

/** @throws Problem `bad_request` if the client disconnects before the end, or breaks the chunked coding */
function readBody(request: Request): Promise<ArrayBuffer> {
  return request.arrayBuffer().catch(() => {
    throw new Problem("bad_request", "The request body is incomplete or malformed");
  });
}

/**
 * Parses `multipart/form-data` (RFC 7578) with the runtime's parser. Its decoder drops byte order marks, so it is given bytes as
 * Latin-1 and the result is decoded here.
 */
async function addMultipart(
  parameters: RequestParameters,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  const body = Buffer.from(bytes).toString("latin1");
  const form = await new Request("http://body", {
    method: "POST",
    body,
    headers: { "content-type": contentType },
  })
    .formData()
    .catch(() => {
      throw new Problem("bad_request", "Malformed multipart/form-data");
    });
  for (const [name, value] of form) {
    if (typeof value !== "string") {
      throw new Problem("bad_parameter", `${printable(name)} must be text, not a file`);
    }
    parameters.add(fromBytes(name), fromBytes(value));
  }
}

function fromBytes(characters: string): string {
  return decodeUtf8(Buffer.from(characters, "latin1"));
}

/** Adds a flat JSON object of strings, numbers and booleans. */
function addJson(parameters: RequestParameters, body: string): void {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Problem("bad_json");
  }
  if (!isJsonObject(value)) throw new Problem("bad_json", "The body must be a JSON object");
  for (const [name, member] of Object.entries(value)) {
    if (member === null) continue;
    if (typeof member !== "string" && typeof member !== "number" && typeof member !== "boolean") {
      throw new Problem("bad_parameter", `${printable(name)} must be a string, a number or a boolean`);
    }
    if (typeof member === "number" && !Number.isSafeInteger(member)) {
      throw new Problem("bad_parameter", `${printable(name)} is too large for a JSON number: send a string`);
    }
    parameters.add(name, String(member));
  }
  if (hasDuplicateNames(body, value))
    throw new Problem("duplicate_parameter", "A name appears more than once in the JSON object");
}

/** Quotes input for an error message: shortened and escaped, so that it cannot affect a terminal. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 32).toWellFormed());
}

function bodyTooLarge(): Problem {
  return new Problem("body_too_large", `Request body too large; the limit is ${MAX_BODY} bytes`);
}
