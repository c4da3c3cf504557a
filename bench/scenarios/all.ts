import { fanout } from "./fanout.ts";
import { history } from "./history.ts";
import { idle } from "./idle.ts";
import { latency } from "./latency.ts";
import { limits } from "./limits.ts";
import { million } from "./million.ts";
import { publish } from "./publish.ts";
import { reconnect } from "./reconnect.ts";
import type { Scenario } from "./scenario.ts";
import { stalled } from "./stalled.ts";
import { stored } from "./stored.ts";
import { streams } from "./streams.ts";
import { valkey } from "./valkey.ts";
import { workers } from "./workers.ts";

export const SCENARIOS: readonly Scenario[] = [
  fanout,
  publish,
  valkey,
  workers,
  limits,
  history,
  latency,
  streams,
  idle,
  stored,
  million,
  reconnect,
  stalled,
];
