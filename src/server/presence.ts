import { readStream } from "../protocol/query.ts";
import { ok } from "./respond.ts";
import type { Exchange } from "./exchange.ts";

/** `GET /presence` */
export function presence({ hub, parameters }: Exchange): Response {
  return ok(JSON.stringify(hub.presence(readStream(parameters))));
}
