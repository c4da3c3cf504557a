import { expect } from "bun:test";
import type { Follower } from "./follower.ts";
import type { ModelMessage, ServerModel } from "./model.ts";

/** A message that a follower must receive or be told to have missed. */
interface Due {
  readonly message: ModelMessage;
  /** The server that acknowledged it. */
  readonly server: string;
}

/** A follower and what it must have got. */
export class Followed {
  private readonly due: Due[] = [];
  /** Servers to which it connected with a cursor that was not theirs: they tell a gap from 0. */
  private readonly strangers = new Set<string>();
  /** The last of them, whose gap it must have got if it is still connected. */
  private stranger: string | undefined;

  readonly follower: Follower;
  /** Until it has received something, its cursor is before everything, which means what is kept then, and never a gap. */
  private readonly wantsKept: boolean;

  constructor(follower: Follower, wantsKept: boolean) {
    this.follower = follower;
    this.wantsKept = wantsKept;
  }

  get stream(): string {
    return this.follower.stream;
  }

  /** From now on these messages must reach it. */
  owe(server: string, ...messages: readonly ModelMessage[]): void {
    this.due.push(...messages.map((message) => ({ message, server })));
  }

  /** It connects to a server with a cursor of another one. */
  oweGap(server: string): void {
    this.strangers.add(server);
    this.stranger = server;
  }

  /** Waits until it has got everything, and checks that it got nothing else. */
  async check(model: ServerModel): Promise<void> {
    const kept = new Set(model.kept(this.stream).map(({ id }) => id));
    await this.follower.until(() => this.missing(kept).length === 0);
    if (this.follower.failure !== undefined) throw this.follower.failure;
    expect({ [this.name]: this.missing(kept) }).toEqual({ [this.name]: [] });
    this.checkOrder();
    this.checkGaps();
  }

  private get name(): string {
    return `${this.follower.transport} of ${this.stream}`;
  }

  /** Describes what is due and neither received nor covered by a gap. */
  private missing(kept: ReadonlySet<string>): string[] {
    const { gaps } = this.follower;
    const received = this.receivedIds();
    const first = this.due.findIndex(({ message }) => received.has(message.id));
    const lost = this.due.filter((due, place) => {
      if (received.has(due.message.id) || gaps.some((gap) => covers(gap, due))) return false;
      const isBeforeFirst = first === -1 || place < first;
      return !this.wantsKept || !isBeforeFirst || kept.has(due.message.id);
    });
    const { stranger } = this;
    const isUntold =
      stranger !== undefined && !gaps.some(({ server, from }) => server === stranger && from === 0);
    return [
      ...lost.map(({ message }) => `message ${message.id}`),
      ...(isUntold ? [`gap from 0 of ${stranger}`] : []),
    ];
  }

  /** Each message once, in the order of publication, and none that was not due. */
  private checkOrder(): void {
    const places = new Map(this.due.map(({ message }, place) => [message.id, place]));
    let last = -1;
    for (const { Id, Text, Name } of this.follower.received) {
      const place = places.get(Id) ?? -1;
      if (place <= last) throw new Error(`${this.name} got ${Id} twice, too late, or without being due`);
      const { text, name } = this.due[place]?.message ?? {};
      expect([Text, Name]).toEqual([text ?? "", name]);
      last = place;
    }
  }

  /** No gap is told in which nothing is missing, unless the cursor was another server's. */
  private checkGaps(): void {
    const received = this.receivedIds();
    for (const gap of this.follower.gaps) {
      expect(gap.from).toBeLessThan(gap.to);
      if (gap.from === 0 && this.strangers.has(gap.server)) continue;
      const missing = this.due.some(
        (due) => due.server === gap.server && covers(gap, due) && !received.has(due.message.id),
      );
      if (!missing)
        throw new Error(`${this.name} was told of a gap in which nothing is missing: ${JSON.stringify(gap)}`);
    }
  }

  private receivedIds(): Set<string> {
    return new Set(this.follower.received.map(({ Id }) => Id));
  }
}

/** A gap from 0 also covers everything of earlier servers. */
function covers(gap: { from: number; to: number; server: string }, { message, server }: Due): boolean {
  if (gap.server === server) return gap.from < message.created && message.created < gap.to;
  return gap.from === 0 && runOf(gap.server) > runOf(server);
}

/** Servers are named in the order in which they ran. */
function runOf(server: string): number {
  return Number(server.replace("run", ""));
}
