import { ok } from "../http/responses.ts";

/** `GET /health`: the process is running. */
export function health(): Response {
  return ok('{"status":"ok"}');
}

/** `GET /ready`: the server accepts requests. During shutdown every request is rejected before it gets here. */
export function ready(): Response {
  return ok('{"status":"ready"}');
}
