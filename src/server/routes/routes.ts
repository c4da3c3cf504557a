import type { Handler } from "../http/request-context.ts";
import { health, limits, ready } from "./health.ts";
import { readMessages } from "./messages.ts";
import { presence } from "./presence.ts";
import { publish } from "./publish.ts";
import { createStream, endStream, listStreams } from "./streams.ts";
import { subscribe } from "./events.ts";

/** The API: path, then method. HEAD is answered as GET, OPTIONS for each of them. */
export const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/messages": { GET: readMessages, POST: publish },
  "/events": { GET: subscribe },
  "/presence": { GET: presence },
  "/streams": { GET: listStreams, POST: createStream, DELETE: endStream },
  "/health": { GET: health },
  "/ready": { GET: ready },
  "/limits": { GET: limits },
};
