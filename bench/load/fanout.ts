import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds, memory, openFiles } from "../measure.ts";
import type { Reader } from "./connection.ts";
import { openAll } from "./connection.ts";
import { Deliveries, now } from "./deliveries.ts";
import { greet } from "./greeting.ts";
import { Histogram } from "./histogram.ts";
import type { FanoutJob, FanoutResult, Pacing } from "./job.ts";
import type { Outbox } from "./outbox.ts";
import { openPublisher } from "./publisher.ts";
import { streamName, type Template } from "./template.ts";
import { waitFor } from "./wait.ts";
import { wire } from "./wire.ts";

export async function fanout(job: FanoutJob): Promise<FanoutResult> {
  const { target, streams, listeners, stalled } = job;
  const latencies = new Histogram();
  const deliveries = new Deliveries(latencies, job.textSize);
  const protocol = wire(target.wire);
  const before = memory(target.pids);

  let sender: Sender | undefined = undefined;
  const listener: Reader = {
    read: (chunk) => {
      deliveries.read(chunk);
      sender?.pump();
    },
  };
  // What was on its way to a listener who reads no more comes once the server has closed its connection.
  let pausing = false;
  const pausable: Reader = {
    read: (chunk) => {
      if (!pausing) listener.read(chunk);
    },
  };
  const connections = streams * listeners;
  const paused = streams * stalled;
  const sockets = await openAll(connections, (index) =>
    greet(
      target.port,
      protocol.subscribe(streamName(job.firstStream + (index % streams))),
      protocol.subscribed,
      index < paused ? pausable : listener,
    ),
  );
  const connected = memory(target.pids);

  const outbox = await openPublisher(protocol, target.port, {
    read: () => {},
    drained: () => sender?.pump(),
  });
  const template = protocol.publish(job.textSize);
  const reached = listeners - stalled;

  // One message to each stream proves that all who listen are counted, before anything is measured.
  for (let i = 0; i < streams; i++) {
    while (!outbox.hasRoomFor(template)) {
      outbox.flush();
      await sleep(1);
    }
    outbox.add(template, job.firstStream + i, now());
  }
  outbox.flush();
  await waitFor("the first message to reach all listeners", () => deliveries.received === connections);
  pausing = true;
  for (const socket of sockets.slice(0, paused)) socket.pause();
  deliveries.received = 0;
  const files = openFiles(target.pids);

  sender = new Sender(job, outbox, template, deliveries, reached);
  sender.start();
  await sleep(job.warm * 1000);
  latencies.reset();
  const begin = { time: now(), received: deliveries.received, sent: sender.sent, ...cpu(target.pids) };
  await sleep(job.seconds * 1000);
  const end = { time: now(), received: deliveries.received, sent: sender.sent, ...cpu(target.pids) };
  const latency = latencies.percentiles();
  sender.stop();
  const { sent } = sender;
  // What does not come within its time is told as lost.
  await waitFor("the last deliveries", () => deliveries.received >= sent * reached).catch(() => {});
  return {
    sent: end.sent - begin.sent,
    deliveries: end.received - begin.received,
    seconds: (end.time - begin.time) / 1e6,
    cpu: end.server - begin.server,
    loadCpu: end.load - begin.load,
    latency,
    lost: sent * reached - deliveries.received,
    closed: files - openFiles(target.pids),
    memory: { before, connected, after: memory(target.pids) },
  };
}

function cpu(pids: readonly number[]): { server: number; load: number } {
  return { server: cpuSeconds(pids), load: cpuSeconds([process.pid]) };
}

/** Publishes to the streams in turn, at the pace that was asked for. */
class Sender {
  sent = 0;
  private started = 0;
  private running = false;
  private scheduled = false;
  private readonly outbox: Outbox;
  private readonly template: Template;
  private readonly deliveries: Deliveries;
  private readonly firstStream: number;
  private readonly streams: number;
  private readonly reached: number;
  private readonly pacing: Pacing;

  constructor(job: FanoutJob, outbox: Outbox, template: Template, deliveries: Deliveries, reached: number) {
    this.outbox = outbox;
    this.template = template;
    this.deliveries = deliveries;
    this.firstStream = job.firstStream;
    this.streams = job.streams;
    this.reached = reached;
    this.pacing = job.pacing;
  }

  start(): void {
    this.running = true;
    this.started = now();
    this.pump();
  }

  stop(): void {
    this.running = false;
  }

  /** Something arrived: sends what may be sent once this turn has read from all listeners that have something, in one write. */
  pump(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.send();
    });
  }

  private send(): void {
    const { outbox, template, pacing } = this;
    if (this.running) {
      if ("window" in pacing) {
        const limit = this.deliveries.received + pacing.window * this.reached;
        const time = now();
        while (this.sent * this.reached < limit && outbox.hasRoomFor(template)) this.add(time);
      } else {
        const interval = 1e6 / pacing.rate;
        const time = now();
        // Each bears the time when it was meant to be sent, so that what waits behind a pause counts (no coordinated omission).
        for (
          let due = this.started + this.sent * interval;
          due <= time && outbox.hasRoomFor(template);
          due += interval
        ) {
          this.add(due);
        }
        // Timers are a millisecond coarse: keeps looking, on a core of its own.
        this.pump();
      }
    }
    outbox.flush();
  }

  private add(time: number): void {
    this.outbox.add(this.template, this.firstStream + (this.sent % this.streams), time);
    this.sent++;
  }
}
