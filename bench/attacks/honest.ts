import { setTimeout as sleep } from "node:timers/promises";
import { Histogram, type Percentiles } from "../load/histogram.ts";
import { codeOf } from "./answers.ts";
import { honestAddress } from "./clients.ts";

/** Milliseconds after which a request counts as failed. */
const TIMEOUT = 10_000;

/** Each request has its own connection, so that accepting connections is measured as well. */
const INIT = { keepalive: false, tls: { rejectUnauthorized: false } };

type Operation = "publish" | "read" | "list" | "listen" | "create";

/** What a client that asks for little got. */
export interface HonestResult {
  readonly requests: number;
  readonly all: Percentiles;
  readonly operations: Readonly<Record<Operation, Percentiles>>;
  readonly failed: Readonly<Record<string, number>>;
}

/** How often the honest clients ask: by default one, well within the limits of a client for as long as it takes. */
export interface Pace {
  /** Clients, which take turns. */
  readonly clients: number;
  /** Time between two rounds of requests, in milliseconds. */
  readonly interval: number;
  /** Rounds for each new stream. */
  readonly createEvery: number;
}

const MODEST: Pace = { clients: 1, interval: 250, createEvery: 8 };

/**
 * A client that publishes, reads, lists, listens and creates streams a few times a second until it is stopped, whether the last
 * requests were answered or not.
 */
export class HonestClient implements AsyncDisposable {
  private readonly latencies = new Histogram();
  private readonly byOperation = {
    publish: new Histogram(),
    read: new Histogram(),
    list: new Histogram(),
    listen: new Histogram(),
    create: new Histogram(),
  };
  private readonly failures = new Map<string, number>();
  private readonly pending = new Set<Promise<void>>();
  private requests = 0;
  private running = true;
  private readonly url: string;
  private readonly pace: Pace;
  private readonly rounds: Promise<void>;

  /** @param url without a trailing slash */
  constructor(url: string, pace: Pace = MODEST) {
    this.url = url;
    this.pace = pace;
    this.rounds = this.run();
  }

  /** Waits for the answers to the requests under way. */
  async stop(): Promise<HonestResult> {
    this.running = false;
    await this.rounds;
    await Promise.all(this.pending);
    const of = (operation: Operation) => this.byOperation[operation].percentiles();
    return {
      requests: this.requests,
      all: this.latencies.percentiles(),
      operations: {
        publish: of("publish"),
        read: of("read"),
        list: of("list"),
        listen: of("listen"),
        create: of("create"),
      },
      failed: Object.fromEntries(this.failures),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async run(): Promise<void> {
    for (let round = 0; this.running; round++) {
      const headers = { "x-forwarded-for": honestAddress(round % this.pace.clients) };
      const get = { ...INIT, headers };
      const post = { ...get, method: "POST" };
      this.start("publish", () => this.ask("/messages?stream=honest&text=hello", post));
      this.start("read", () => this.ask("/messages?stream=honest", get));
      this.start("list", () => this.ask("/streams?limit=25", get));
      this.start("listen", () => this.listen(get));
      if (round % this.pace.createEvery === 0) this.start("create", () => this.ask("/streams", post));
      await sleep(this.pace.interval);
    }
  }

  private start(operation: Operation, work: () => Promise<string | undefined>): void {
    this.requests++;
    const done = this.attempt(operation, work).finally(() => this.pending.delete(done));
    this.pending.add(done);
  }

  private async attempt(operation: Operation, work: () => Promise<string | undefined>): Promise<void> {
    const begin = performance.now();
    const failure = await work().catch((error: unknown) =>
      error instanceof Error ? error.name : String(error),
    );
    if (failure !== undefined) {
      const what = `${operation}: ${failure}`;
      this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
    }
    const microseconds = (performance.now() - begin) * 1000;
    this.latencies.record(microseconds);
    this.byOperation[operation].record(microseconds);
  }

  /** Returns the code of a refusal. */
  private async ask(target: string, init: BunFetchRequestInit): Promise<string | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT);
    const response = await fetch(this.url + target, { ...init, signal });
    const body = await response.text();
    return response.ok ? undefined : codeOf({ status: response.status, body });
  }

  /** Connects, waits for the beginning of the events and disconnects. */
  private async listen(init: BunFetchRequestInit): Promise<string | undefined> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await fetch(`${this.url}/events?stream=honest`, { ...init, signal: abort.signal });
      if (!response.ok) return codeOf({ status: response.status, body: await response.text() });
      await response.body?.getReader().read();
      return undefined;
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }
}
