import type { Attack } from "../attack.ts";
import { connections } from "./connections.ts";
import { everything } from "./everything.ts";
import { readers } from "./readers.ts";
import { requests } from "./requests.ts";
import { streams } from "./streams.ts";
import { stored } from "./texts.ts";

/** One attack for each kind of thing that a client can make the server keep. */
export const ATTACKS: readonly Attack[] = [
  ...streams,
  ...stored,
  ...connections,
  ...requests,
  ...readers,
  everything,
];
