import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds } from "../measure.ts";
import { Answers } from "./answers.ts";
import type { Reader } from "./connection.ts";
import { openAll } from "./connection.ts";
import { now } from "./deliveries.ts";
import { Histogram } from "./histogram.ts";
import type { RequestsJob, RequestsResult } from "./job.ts";
import type { Outbox } from "./outbox.ts";
import { openPublisher } from "./publisher.ts";
import { history } from "./sse.ts";
import type { Template } from "./template.ts";
import { waitFor } from "./wait.ts";
import { wire } from "./wire.ts";

const HTTP_SUCCESS = Buffer.from("HTTP/1.1 20");

/** Steps through the streams so that neighbours in time are not neighbours in memory. A prime, so that all are visited. */
const STEP = 7919;

export async function requests(job: RequestsJob): Promise<RequestsResult> {
  const { target, until } = job;
  const protocol = wire(target.wire);
  const template = job.request === "history" ? history : protocol.publish(job.textSize);
  const needle = job.request === "history" ? HTTP_SUCCESS : protocol.published;
  if (needle === undefined) throw new Error(`${target.wire} does not answer`);

  const run = new Run(job, template);
  const latencies = run.latencies;
  const channels = await openAll(job.connections, async () => {
    const channel = new Channel(run, needle);
    channel.outbox = await openPublisher(protocol, target.port, channel);
    return channel;
  });

  const start = { time: now(), answers: 0, ...cpu(target.pids) };
  for (const channel of channels) channel.ask(job.depth);
  if ("answers" in until) {
    while (run.answers < until.answers) {
      const { answers } = run;
      await waitFor("answers", () => run.answers >= Math.min(answers + 1, until.answers));
    }
    return result(run, start, latencies, target.pids);
  }
  await waitFor("the first answer", () => run.answers > 0);
  await sleep(until.warm * 1000);
  latencies.reset();
  const begin = { time: now(), answers: run.answers, ...cpu(target.pids) };
  await sleep(until.seconds * 1000);
  return result(run, begin, latencies, target.pids);
}

type Moment = { time: number; answers: number; server: number; load: number };

function result(run: Run, begin: Moment, latencies: Histogram, pids: readonly number[]): RequestsResult {
  const end = { time: now(), ...cpu(pids) };
  return {
    answers: run.answers - begin.answers,
    seconds: (end.time - begin.time) / 1e6,
    cpu: end.server - begin.server,
    loadCpu: end.load - begin.load,
    latency: latencies.percentiles(),
  };
}

function cpu(pids: readonly number[]): { server: number; load: number } {
  return { server: cpuSeconds(pids), load: cpuSeconds([process.pid]) };
}

/** What all connections share: what is asked for next, and what was answered. */
class Run {
  answers = 0;
  readonly latencies = new Histogram();
  readonly template: Template;
  private asked = 0;
  private readonly most: number;
  private readonly firstStream: number;
  private readonly streams: number;
  private readonly step: number;

  constructor(job: RequestsJob, template: Template) {
    this.template = template;
    this.most = "answers" in job.until ? job.until.answers : Number.POSITIVE_INFINITY;
    this.firstStream = job.firstStream;
    this.streams = job.streams;
    this.step = job.streams % STEP === 0 ? 1 : STEP;
  }

  /** Adds a request, unless all were sent. */
  ask(outbox: Outbox, time: number): void {
    if (this.asked >= this.most) return;
    const stream = this.firstStream + ((this.asked * this.step) % this.streams);
    this.asked++;
    outbox.add(this.template, stream, time);
  }
}

/** One connection, which asks again for each answer. */
class Channel implements Reader {
  outbox: Outbox | undefined = undefined;
  private askedAt = 0;
  private readonly run: Run;
  private readonly answers: Answers;

  constructor(run: Run, needle: Buffer) {
    this.run = run;
    this.answers = new Answers(needle);
  }

  ask(count: number): void {
    const { outbox } = this;
    if (outbox === undefined) return;
    this.askedAt = now();
    for (let i = 0; i < count; i++) this.run.ask(outbox, this.askedAt);
    outbox.flush();
  }

  read(chunk: Buffer): void {
    const count = this.answers.read(chunk);
    if (count === 0) return;
    this.run.answers += count;
    this.run.latencies.record(now() - this.askedAt);
    this.ask(count);
  }

  drained(): void {
    this.outbox?.flush();
  }
}
