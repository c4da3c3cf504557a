import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds, memory, openFiles } from "../measure.ts";
import type { Reader } from "./connection.ts";
import { openAll } from "./connection.ts";
import { DeliveryCounter, now } from "./delivery-counter.ts";
import { openWithHandshake } from "./handshake.ts";
import { Histogram } from "./histogram.ts";
import type { FanoutJob, FanoutResult } from "./job.ts";
import { protocolOf } from "./protocol.ts";
import { openPublisher } from "./publisher.ts";
import { Sender } from "./sender.ts";
import { streamName } from "./template.ts";
import { waitFor } from "./wait.ts";

export async function fanout(job: FanoutJob): Promise<FanoutResult> {
  const { target, streams, listeners, stalled } = job;
  const latencies = new Histogram();
  const deliveries = new DeliveryCounter(latencies, job.textSize);
  const protocol = protocolOf(target.protocol);
  const before = memory(target.pids);

  let sender: Sender | undefined = undefined;
  const listener: Reader = {
    read: (chunk) => {
      deliveries.read(chunk);
      sender?.schedule();
    },
  };
  // A stalled socket still delivers its buffered data once the server closes the connection: ignore it.
  let stalling = false;
  const stalledListener: Reader = {
    read: (chunk) => {
      if (!stalling) listener.read(chunk);
    },
  };
  const connections = streams * listeners;
  const stalledConnections = streams * stalled;
  const sockets = await openAll(connections, (index) =>
    openWithHandshake(
      target.port,
      protocol.subscribe(streamName(job.firstStream + (index % streams))),
      protocol.subscribed,
      index < stalledConnections ? stalledListener : listener,
    ),
  );
  const connected = memory(target.pids);

  const publisher = await openPublisher(protocol, target.port, {
    read: () => {},
    drained: () => sender?.schedule(),
  });
  const template = protocol.publish(job.textSize);
  const readingListeners = listeners - stalled;

  // One message per stream verifies that every listener is subscribed and counted.
  for (let i = 0; i < streams; i++) {
    while (!publisher.hasSpaceFor(template)) {
      publisher.flush();
      await sleep(1);
    }
    publisher.add(template, job.firstStream + i, now());
  }
  publisher.flush();
  await waitFor("the first message to reach all listeners", () => deliveries.received === connections);
  stalling = true;
  for (const socket of sockets.slice(0, stalledConnections)) socket.pause();
  deliveries.received = 0;
  const files = openFiles(target.pids);

  sender = new Sender(job, publisher, template, deliveries, readingListeners);
  const running = sender;
  const snapshot = () => ({
    time: now(),
    received: deliveries.received,
    sent: running.sent,
    serverCpu: cpuSeconds(target.pids),
    loadCpu: cpuSeconds([process.pid]),
  });
  sender.start();
  await sleep(job.warm * 1000);
  latencies.reset();
  const start = snapshot();
  await sleep(job.seconds * 1000);
  const end = snapshot();
  const latency = latencies.percentiles();
  sender.stop();
  const expected = sender.sent * readingListeners;
  // Deliveries still missing after the timeout are reported as lost.
  await waitFor("the last deliveries", () => deliveries.received >= expected).catch(() => {});
  return {
    sent: end.sent - start.sent,
    deliveries: end.received - start.received,
    seconds: (end.time - start.time) / 1e6,
    cpu: end.serverCpu - start.serverCpu,
    loadCpu: end.loadCpu - start.loadCpu,
    latency,
    lost: expected - deliveries.received,
    closed: files - openFiles(target.pids),
    memory: { before, connected, after: memory(target.pids) },
  };
}
