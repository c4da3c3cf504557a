import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds } from "../measure.ts";
import type { Reader } from "./connection.ts";
import { openAll } from "./connection.ts";
import { now } from "./delivery-counter.ts";
import { Histogram } from "./histogram.ts";
import type { RequestsJob, RequestsResult } from "./job.ts";
import { protocolOf } from "./protocol.ts";
import { openPublisher } from "./publisher.ts";
import { ResponseCounter } from "./response-counter.ts";
import { history } from "./sse.ts";
import type { Template } from "./template.ts";
import { waitFor } from "./wait.ts";
import type { WriteBuffer } from "./write-buffer.ts";

const HTTP_SUCCESS = Buffer.from("HTTP/1.1 20");

/** Stride through the streams, so that consecutive requests do not hit adjacent memory. A prime, so that it visits them all. */
const STREAM_STRIDE = 7919;

export async function requests(job: RequestsJob): Promise<RequestsResult> {
  const { target, until } = job;
  const protocol = protocolOf(target.protocol);
  const template = job.request === "history" ? history : protocol.publish(job.textSize);
  const needle = job.request === "history" ? HTTP_SUCCESS : protocol.published;
  if (needle === undefined) throw new Error(`${target.protocol} does not acknowledge publishes`);

  const run = new Run(job, template);
  const clients = await openAll(job.connections, async () => {
    const client = new Client(run, needle);
    client.buffer = await openPublisher(protocol, target.port, client);
    return client;
  });

  const start = snapshot(run, target.pids);
  for (const client of clients) client.send(job.depth);
  if ("responses" in until) {
    while (run.responses < until.responses) {
      const { responses } = run;
      // The timeout applies to each response, not to the run.
      await waitFor("responses", () => run.responses >= Math.min(responses + 1, until.responses));
    }
    return result(run, start, target.pids);
  }
  await waitFor("the first response", () => run.responses > 0);
  await sleep(until.warm * 1000);
  run.latencies.reset();
  const warm = snapshot(run, target.pids);
  await sleep(until.seconds * 1000);
  return result(run, warm, target.pids);
}

interface Snapshot {
  readonly time: number;
  readonly responses: number;
  readonly serverCpu: number;
  readonly loadCpu: number;
}

function snapshot(run: Run, pids: readonly number[]): Snapshot {
  return {
    time: now(),
    responses: run.responses,
    serverCpu: cpuSeconds(pids),
    loadCpu: cpuSeconds([process.pid]),
  };
}

function result(run: Run, start: Snapshot, pids: readonly number[]): RequestsResult {
  const end = snapshot(run, pids);
  return {
    responses: end.responses - start.responses,
    seconds: (end.time - start.time) / 1e6,
    cpu: end.serverCpu - start.serverCpu,
    loadCpu: end.loadCpu - start.loadCpu,
    latency: run.latencies.percentiles(),
  };
}

/** State shared by all connections: the next request, and the responses so far. */
class Run {
  responses = 0;
  readonly latencies = new Histogram();
  readonly template: Template;
  private sent = 0;
  private readonly limit: number;
  private readonly firstStream: number;
  private readonly streams: number;
  private readonly stride: number;

  constructor(job: RequestsJob, template: Template) {
    this.template = template;
    this.limit = "responses" in job.until ? job.until.responses : Number.POSITIVE_INFINITY;
    this.firstStream = job.firstStream;
    this.streams = job.streams;
    this.stride = job.streams % STREAM_STRIDE === 0 ? 1 : STREAM_STRIDE;
  }

  /** Adds the next request to the buffer, unless all have been sent. */
  addRequest(buffer: WriteBuffer, time: number): void {
    if (this.sent >= this.limit) return;
    const stream = this.firstStream + ((this.sent * this.stride) % this.streams);
    this.sent++;
    buffer.add(this.template, stream, time);
  }
}

/** One connection. Sends a new request for each response. */
class Client implements Reader {
  buffer: WriteBuffer | undefined = undefined;
  private sentAt = 0;
  private readonly run: Run;
  private readonly counter: ResponseCounter;

  constructor(run: Run, needle: Buffer) {
    this.run = run;
    this.counter = new ResponseCounter(needle);
  }

  send(count: number): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    this.sentAt = now();
    for (let i = 0; i < count; i++) this.run.addRequest(buffer, this.sentAt);
    buffer.flush();
  }

  read(chunk: Buffer): void {
    const count = this.counter.read(chunk);
    if (count === 0) return;
    this.run.responses += count;
    this.run.latencies.record(now() - this.sentAt);
    this.send(count);
  }

  drained(): void {
    this.buffer?.flush();
  }
}
