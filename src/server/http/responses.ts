import { Problem } from "../../protocol/problem.ts";

/** The API is open to pages of any origin, as the original's was; there are no cookies that such a page could abuse. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "allow, retry-after, malten-cursor, malten-gap",
};

/** On all answers that hold what people wrote: no cache keeps a copy, and no browser guesses at a type. */
const API_HEADERS = { ...CORS, "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** Made once: from a plain object each response would make them anew, which took a tenth of a publish. */
const JSON_HEADERS = new Headers({ ...API_HEADERS, "content-type": "application/json" });
const OK = { status: 200, headers: JSON_HEADERS };
const CREATED = { status: 201, headers: JSON_HEADERS };

/** 200 with JSON that is text already. */
export function ok(json: string, headers?: Record<string, string>): Response {
  return new Response(json, headers ? { headers: { ...Object.fromEntries(JSON_HEADERS), ...headers } } : OK);
}

/** 201 with JSON that is text already. */
export function created(json: string): Response {
  return new Response(json, CREATED);
}

export function noContent(headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 204, headers: { ...CORS, ...headers } });
}

/** A live response: bytes as they come, through proxies too, and kept by nobody. */
export function live(body: ReadableStream | null, contentType: string): Response {
  return new Response(body, {
    headers: { ...CORS, "cache-control": "no-store", "content-type": contentType, "x-accel-buffering": "no" },
  });
}

/** What a client is told of an error. */
export function problemResponse(error: unknown, headers: Record<string, string> = {}): Response {
  const problem = Problem.of(error);
  return new Response(JSON.stringify(problem.details()), {
    status: problem.status,
    headers: {
      ...API_HEADERS,
      "content-type": "application/problem+json",
      ...(problem.status === 401 && { "www-authenticate": 'Bearer realm="malten"' }),
      ...(problem.status === 503 && { "retry-after": "5" }),
      ...headers,
    },
  });
}
