import type { Handler } from "../http/request-context.ts";
import { health, ready } from "./health.ts";
import { limits } from "./limits.ts";
import { readMessages } from "./messages.ts";
import { presence } from "./presence.ts";
import { publish } from "./publish.ts";
import { createStream, endStream, listStreams } from "./streams.ts";
import { subscribe } from "./events.ts";

/** The API by path and method. HEAD is answered like GET; every path answers OPTIONS. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/messages": { GET: readMessages, POST: publish },
  "/events": { GET: subscribe },
  "/presence": { GET: presence },
  "/streams": { GET: listStreams, POST: createStream, DELETE: endStream },
  "/health": { GET: health },
  "/ready": { GET: ready },
  "/limits": { GET: limits },
};
