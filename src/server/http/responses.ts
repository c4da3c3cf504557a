import { Problem } from "../../protocol/problem.ts";
import { acceptedEncodings } from "./accept.ts";

/** The API is open to pages of any origin, like the original. There are no cookies that such a page could abuse. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "allow, retry-after, malten-cursor, malten-gap, malten-server",
};

/** Browsers must not guess the type of a response. */
const NOSNIFF = { "x-content-type-options": "nosniff" };

/** Caches must not keep messages. */
const API_HEADERS = { ...CORS, ...NOSNIFF, "cache-control": "no-store" };

/** Created once: converting a plain object for each response took a tenth of a publish. */
const JSON_HEADERS = new Headers({ ...API_HEADERS, "content-type": "application/json" });
const OK = { status: 200, headers: JSON_HEADERS };
const CREATED = { status: 201, headers: JSON_HEADERS };

/** The shortest text that is compressed, in UTF-16 code units: shorter ones fit into one packet. */
const COMPRESSED = 1024;

/** 2 kB take 13 µs. */
const GZIP = { level: 1, library: "libdeflate" } as const;

/** Returns the response options for a page of history, which names the server. Created once per server. */
export function pageInit(server: string): ResponseInit {
  return {
    headers: new Headers({ ...API_HEADERS, "content-type": "application/json", "malten-server": server }),
  };
}

/** Returns what gives the response options for a page of the server of that name, which may change once a broker is reached. */
export function pageInits(server: () => string): () => ResponseInit {
  let name = server();
  let init = pageInit(name);
  return () => {
    const current = server();
    if (current !== name) {
      name = current;
      init = pageInit(name);
    }
    return init;
  };
}

/** 200 with a JSON text. */
export function ok(json: string, init: ResponseInit = OK): Response {
  return new Response(json, init);
}

/**
 * 200 with a JSON text, compressed if the request allows it and the text is long. Not for texts with secrets beside what others
 * wrote: from the sizes of compressed answers, those who can add to them find out the rest (BREACH).
 */
export function okCompressed(json: string, init: ResponseInit, { headers }: Request): Response {
  if (json.length < COMPRESSED || !acceptedEncodings(headers.get("accept-encoding") ?? "").has("gzip"))
    return ok(json, init);
  const response = new Response(Bun.gzipSync(json, GZIP), init);
  response.headers.set("content-encoding", "gzip");
  return response;
}

/** 201 with a JSON text. */
export function created(json: string): Response {
  return new Response(json, CREATED);
}

export function noContent(headers: Record<string, string> = {}): Response {
  return new Response(null, { status: 204, headers: { ...CORS, ...NOSNIFF, ...headers } });
}

/** A live response: neither buffered by proxies nor cached. */
export function live(body: ReadableStream | null, contentType: string): Response {
  return new Response(body, {
    headers: { ...API_HEADERS, "content-type": contentType, "x-accel-buffering": "no" },
  });
}

/** Returns the error as `application/problem+json` (RFC 9457). */
export function problemResponse(error: unknown, headers: Record<string, string> = {}): Response {
  const problem = Problem.of(error);
  return new Response(JSON.stringify(problem.details()), {
    status: problem.status,
    headers: {
      ...API_HEADERS,
      "content-type": "application/problem+json",
      ...(problem.status === 401 && { "www-authenticate": 'Bearer realm="malten"' }),
      ...(problem.retryAfter !== undefined && { "retry-after": String(problem.retryAfter) }),
      ...headers,
    },
  });
}
