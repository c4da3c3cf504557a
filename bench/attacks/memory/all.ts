import type { Attack } from "../attack.ts";
import { combine } from "./combined.ts";
import { connections } from "./connections.ts";
import { everything } from "./everything.ts";
import { readers } from "./readers.ts";
import { requests } from "./requests.ts";
import { sealed } from "./sealed.ts";
import { streams } from "./streams.ts";
import { stored } from "./texts.ts";

/** One attack for each kind of thing that a client can make the server keep. */
const SINGLE: readonly Attack[] = [
  ...streams,
  ...stored,
  ...connections,
  ...requests,
  ...readers,
  ...sealed,
  everything,
];

/** Those that take most of each budget: together they show whether the sum of all is bounded. */
const TOGETHER = [
  "streams",
  "ascii",
  "refs",
  "idle-connections",
  "idle-sse",
  "subscriptions",
  "presence",
  "websocket-fragments",
  "polls",
  "half-headers",
  "half-bodies",
  "unread-pages",
  "unread-replays",
  "unread-websockets",
  "unread-acks",
  "envelopes",
  "sealed-presence",
];

export const ATTACKS: readonly Attack[] = [
  ...SINGLE,
  combine(
    "all",
    "everything at the same time: streams, connections and subscriptions up to their limits, half requests, fragments, unread data",
    SINGLE.filter(({ name }) => TOGETHER.includes(name)),
  ),
];
