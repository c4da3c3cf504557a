import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds, memory } from "../measure.ts";
import { openAll, type Reader } from "./connection.ts";
import { openWithHandshake } from "./handshake.ts";
import type { IdleJob, IdleResult } from "./job.ts";
import { protocolOf } from "./protocol.ts";
import { streamName } from "./template.ts";

const ignore: Reader = { read: () => {} };

/** Listeners opened and closed before the first measurement, so that one-off costs such as compiled code are not counted. */
const WARM_UP_LISTENERS = 100;

export async function idle({ target, firstStream, listeners, settle }: IdleJob): Promise<IdleResult> {
  const protocol = protocolOf(target.protocol);
  const open = () =>
    openWithHandshake(target.port, protocol.subscribe(streamName(firstStream)), protocol.subscribed, ignore);
  const warmUp = await openAll(WARM_UP_LISTENERS, open);
  for (const socket of warmUp) socket.terminate();
  await sleep(settle * 1000);

  const before = memory(target.pids);
  await openAll(listeners, open);
  const cpu = cpuSeconds(target.pids);
  await sleep(settle * 1000);
  return { before, connected: memory(target.pids), cpu: cpuSeconds(target.pids) - cpu };
}
