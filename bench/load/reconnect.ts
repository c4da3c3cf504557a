import { cpuSeconds } from "../measure.ts";
import { openAll } from "./connection.ts";
import { DeliveryCounter, now } from "./delivery-counter.ts";
import { openWithHandshake } from "./handshake.ts";
import { Histogram } from "./histogram.ts";
import type { ReconnectJob, ReconnectResult } from "./job.ts";
import { openPublisher } from "./publisher.ts";
import { listen, sse } from "./sse.ts";
import { streamName } from "./template.ts";
import { waitFor } from "./wait.ts";

export async function reconnect(job: ReconnectJob): Promise<ReconnectResult> {
  const { target, firstStream, listeners, missed } = job;
  const deliveries = new DeliveryCounter(new Histogram(), job.textSize);
  const name = streamName(firstStream);
  const open = (last?: string) =>
    openWithHandshake(target.port, listen(name, last), sse.subscribed, deliveries);

  let responses = "";
  const publisher = await openPublisher(sse, target.port, {
    read: (chunk) => {
      responses += chunk.toString("latin1");
    },
  });
  const template = sse.publish(job.textSize);
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) publisher.add(template, firstStream, now());
    publisher.flush();
  };

  const sockets = await openAll(listeners, () => open());
  publish(1);
  await waitFor("the first message to reach all listeners", () => deliveries.received === listeners);
  const cursor = /"Created":"(\d+)"/.exec(responses)?.[1];
  if (cursor === undefined) throw new Error(`no cursor in ${responses}`);
  for (const socket of sockets) socket.terminate();
  publish(missed);
  await waitFor("responses to the missed messages", () => responses.split('"Created"').length === missed + 2);

  deliveries.received = 0;
  const cpu = cpuSeconds(target.pids);
  const start = now();
  await openAll(listeners, () => open(cursor));
  await waitFor("the missed messages", () => deliveries.received >= listeners * missed);
  const caughtUp = now();
  publish(1);
  const expected = listeners * (missed + 1);
  await waitFor("the next message to reach all listeners", () => deliveries.received >= expected);
  return {
    caughtUp: (caughtUp - start) / 1e6,
    live: (now() - start) / 1e6,
    cpu: cpuSeconds(target.pids) - cpu,
    lost: expected - deliveries.received,
  };
}
