import type { WireMessage } from "../../src/protocol/message.ts";
import { checkHistory, type Findings, type Item, type StreamHistory } from "./history.ts";
import { Listener, microseconds } from "./listener.ts";

/** Milliseconds between two messages of a publisher, between two attempts, and until it gives up. */
const PACE = 20;
const RETRY = 50;
const GIVE_UP = 20_000;

const STREAMS = 12;
const PUBLISHERS = 2;

interface Publisher {
  readonly acknowledged: Item[];
  readonly done: Promise<void>;
}

/** What a run showed. */
export interface Outcome {
  readonly findings: Findings;
  readonly acknowledged: number;
  /** The longest time from the first attempt to publish a message to its answer, in milliseconds. */
  readonly longest: number;
  /** Messages that were never acknowledged. */
  readonly failed: number;
}

/** Publishes to a dozen streams through several servers, and listens to them, until it is asked what came of it. */
export class Workload {
  private readonly servers: readonly URL[];
  private readonly publishers: Publisher[][] = [];
  private readonly listeners: Listener[][] = [];
  private isStopping = false;
  private longest = 0;
  private failed = 0;

  /** `servers` may be killed and started again at the same addresses. */
  constructor(servers: readonly URL[]) {
    this.servers = servers;
  }

  /** The name of a stream. */
  static stream(index: number): string {
    return `stream-${index}`;
  }

  /** Begins to listen, and then to publish. */
  async start(): Promise<void> {
    for (let i = 0; i < STREAMS; i++)
      this.listeners.push(this.servers.map((_, first) => new Listener(Workload.stream(i), this.from(first))));
    await Promise.all(this.listeners.flat().map(({ welcomed }) => welcomed));
    for (let i = 0; i < STREAMS; i++)
      this.publishers.push(Array.from({ length: PUBLISHERS }, (_, j) => this.publisher(i, j)));
  }

  /** Stops publishing, waits until all is delivered, and compares. */
  async finish(): Promise<Outcome> {
    this.isStopping = true;
    await Promise.all(this.publishers.flat().map(({ done }) => done));
    const histories: StreamHistory[] = [];
    for (const [i, publishers] of this.publishers.entries()) {
      const kept = await this.read(Workload.stream(i));
      const heard = this.listeners[i] ?? [];
      await caughtUp(heard, kept.at(-1)?.created ?? 0);
      histories.push({ acknowledged: publishers.map(({ acknowledged }) => acknowledged), heard, kept });
    }
    await Promise.all(this.listeners.flat().map((listener) => listener.close()));
    const acknowledged = histories.flatMap((history) => history.acknowledged.flat()).length;
    const findings = histories.map(checkHistory).reduce(sum);
    return { findings, acknowledged, longest: Math.round(this.longest), failed: this.failed };
  }

  /** The servers, from this one on. */
  private from(first: number): URL[] {
    return [...this.servers.slice(first), ...this.servers.slice(0, first)];
  }

  private publisher(index: number, number: number): Publisher {
    const acknowledged: Item[] = [];
    const publish = async () => {
      const servers = this.from((index + number) % this.servers.length);
      for (let i = 0; !this.isStopping; i++) {
        const item = await this.publish(servers, Workload.stream(index), `${number}-${i}`);
        if (item === undefined) this.failed++;
        else acknowledged.push(item);
        await Bun.sleep(PACE);
      }
    };
    return { acknowledged, done: publish() };
  }

  /** Publishes until it is acknowledged, with a ref so that it is published once. */
  private async publish(servers: readonly URL[], stream: string, text: string): Promise<Item | undefined> {
    const body = new URLSearchParams({ stream, text, ref: `${stream}-${text}-of-the-workload` });
    const began = performance.now();
    for (let attempt = 0; performance.now() < began + GIVE_UP; attempt++) {
      try {
        const url = new URL("/messages", servers[attempt % servers.length]);
        const response = await fetch(url, { method: "POST", body });
        const answer = (await response.json()) as WireMessage;
        if (response.status === 201) {
          this.longest = Math.max(this.longest, performance.now() - began);
          return itemOf(answer);
        }
      } catch {
        // The server was killed.
      }
      await Bun.sleep(RETRY);
    }
    return undefined;
  }

  /** Returns all that is kept, the same at each server. */
  private async read(stream: string): Promise<Item[]> {
    const pages = await Promise.all(
      this.servers.map(async (server) => {
        const response = await fetch(new URL(`/messages?stream=${stream}&limit=1024`, server));
        return response.text();
      }),
    );
    if (new Set(pages).size !== 1) throw new Error("servers differ in what they keep");
    return (JSON.parse(pages[0] ?? "[]") as WireMessage[]).map(itemOf);
  }
}

/** Waits until listeners have what is kept; not for ever, since missing messages are to be found. */
async function caughtUp(listeners: readonly Listener[], newest: number): Promise<void> {
  const deadline = performance.now() + GIVE_UP;
  while (listeners.some((listener) => listener.newest < newest) && performance.now() < deadline)
    await Bun.sleep(20);
}

function itemOf({ Text, Created }: WireMessage): Item {
  return { text: Text, created: microseconds(Created) };
}

function sum(a: Findings, b: Findings): Findings {
  return {
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    disordered: a.disordered + b.disordered,
    unheard: a.unheard + b.unheard,
    vanished: a.vanished + b.vanished,
    gaps: a.gaps + b.gaps,
  };
}
