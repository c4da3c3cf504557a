import { setTimeout as sleep } from "node:timers/promises";
import { Histogram } from "../load/histogram.ts";
import { HONEST } from "./clients.ts";

/** Time between two rounds of requests, in milliseconds. */
const INTERVAL = 250;

/** Milliseconds after which a request counts as failed. */
const TIMEOUT = 10_000;

/** Each request has its own connection, so that accepting connections is measured as well. */
const INIT = { headers: { "x-forwarded-for": HONEST }, keepalive: false };

/** What a client that asks for little got. Latencies in milliseconds. */
export interface HonestResult {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly failed: Readonly<Record<string, number>>;
}

/** A client that publishes, reads, lists and listens a few times a second, whether the last requests were answered or not. */
export class HonestClient {
  private readonly latencies = new Histogram();
  private readonly failures = new Map<string, number>();
  private readonly pending = new Set<Promise<void>>();
  private requests = 0;
  private running = true;
  private readonly url: string;

  constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async run(): Promise<void> {
    while (this.running) {
      this.start(() => this.ask("/messages?stream=honest&text=hello", "POST"));
      this.start(() => this.ask("/messages?stream=honest"));
      this.start(() => this.ask("/streams?limit=25"));
      this.start(() => this.listen());
      await sleep(INTERVAL);
    }
  }

  /** Waits for the answers to the requests under way. */
  async stop(): Promise<HonestResult> {
    this.running = false;
    await Promise.all(this.pending);
    const { p50, p99, max } = this.latencies.percentiles();
    return { requests: this.requests, p50, p99, max, failed: Object.fromEntries(this.failures) };
  }

  private start(operation: () => Promise<string | undefined>): void {
    this.requests++;
    const done = this.attempt(operation).finally(() => this.pending.delete(done));
    this.pending.add(done);
  }

  private async attempt(operation: () => Promise<string | undefined>): Promise<void> {
    const begin = performance.now();
    const failure = await operation().catch((error: unknown) =>
      error instanceof Error ? error.name : String(error),
    );
    if (failure !== undefined) this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
    this.latencies.record((performance.now() - begin) * 1000);
  }

  /** Returns the code of a refusal. */
  private async ask(target: string, method = "GET"): Promise<string | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(this.url + target, { ...INIT, method, signal });
    const body = await response.text();
    return response.ok ? undefined : refusal(response.status, body);
  }

  /** Connects, waits for the beginning of the events and disconnects. */
  private async listen(): Promise<string | undefined> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await fetch(`${this.url}/events?stream=honest`, { ...INIT, signal: abort.signal });
      if (!response.ok) return refusal(response.status, await response.text());
      await response.body?.getReader().read();
      return undefined;
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }
}

function refusal(status: number, body: string): string {
  return /"code":"(\w+)"/.exec(body)?.[1] ?? String(status);
}
