import { Problem } from "../../protocol/problem.ts";
import { ok } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `GET /health`: the process is running. */
export function health(): Response {
  return ok('{"status":"ok"}');
}

/** `GET /ready`: the server accepts requests, and its broker is in reach. During shutdown every request is rejected before it gets here. */
export function ready({ hub }: RequestContext): Response {
  if (!hub.isReady()) throw new Problem("unavailable");
  return ok('{"status":"ready"}');
}
