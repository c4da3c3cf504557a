import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds, memory } from "../measure.ts";
import { openAll, type Reader } from "./connection.ts";
import { greet } from "./greeting.ts";
import type { IdleJob, IdleResult } from "./job.ts";
import { streamName } from "./template.ts";
import { wire } from "./wire.ts";

const ignore: Reader = { read: () => {} };

/** Listeners before it is looked at for the first time: what the code itself needs once it runs is not the listeners'. */
const FIRST = 100;

export async function idle({ target, firstStream, listeners, settle }: IdleJob): Promise<IdleResult> {
  const protocol = wire(target.wire);
  const open = () =>
    greet(target.port, protocol.subscribe(streamName(firstStream)), protocol.subscribed, ignore);
  const first = await openAll(FIRST, open);
  for (const socket of first) socket.terminate();
  await sleep(settle * 1000);

  const before = memory(target.pids);
  await openAll(listeners, open);
  const cpu = cpuSeconds(target.pids);
  await sleep(settle * 1000);
  return { before, connected: memory(target.pids), cpu: cpuSeconds(target.pids) - cpu };
}
