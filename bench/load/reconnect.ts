import { cpuSeconds } from "../measure.ts";
import { openAll } from "./connection.ts";
import { Deliveries, now } from "./deliveries.ts";
import { greet } from "./greeting.ts";
import { Histogram } from "./histogram.ts";
import type { ReconnectJob, ReconnectResult } from "./job.ts";
import { openPublisher } from "./publisher.ts";
import { listen, sse } from "./sse.ts";
import { streamName } from "./template.ts";
import { waitFor } from "./wait.ts";

export async function reconnect(job: ReconnectJob): Promise<ReconnectResult> {
  const { target, firstStream, listeners, missed } = job;
  const deliveries = new Deliveries(new Histogram(), job.textSize);
  const name = streamName(firstStream);
  const open = (last?: string) => greet(target.port, listen(name, last), sse.subscribed, deliveries);

  let answers = "";
  const outbox = await openPublisher(sse, target.port, {
    read: (chunk) => {
      answers += chunk.toString("latin1");
    },
  });
  const template = sse.publish(job.textSize);
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) outbox.add(template, firstStream, now());
    outbox.flush();
  };

  const sockets = await openAll(listeners, () => open());
  publish(1);
  await waitFor("the first message to reach all listeners", () => deliveries.received === listeners);
  const cursor = /"Created":"(\d+)"/.exec(answers)?.[1];
  if (cursor === undefined) throw new Error(`no cursor in ${answers}`);
  for (const socket of sockets) socket.terminate();
  publish(missed);
  await waitFor("answers to what is missed", () => answers.split('"Created"').length === missed + 2);

  deliveries.received = 0;
  const cpu = cpuSeconds(target.pids);
  const begin = now();
  await openAll(listeners, () => open(cursor));
  await waitFor("what was missed", () => deliveries.received >= listeners * missed);
  const caughtUp = now();
  publish(1);
  const expected = listeners * (missed + 1);
  await waitFor("the next message to reach all listeners", () => deliveries.received >= expected);
  return {
    caughtUp: (caughtUp - begin) / 1e6,
    live: (now() - begin) / 1e6,
    cpu: cpuSeconds(target.pids) - cpu,
    lost: expected - deliveries.received,
  };
}
