import type { StreamInfo } from "../../core/broker.ts";
import type { Clock } from "../../core/clock.ts";
import { idOf } from "./entry.ts";
import { GROUPS } from "./groups.ts";
import type { Reply } from "./resp.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { LIST } from "./scripts.ts";

interface KnownList {
  /** When it was requested, on the monotonic clock in milliseconds. */
  readonly at: number;
  readonly streams: Promise<StreamInfo[]>;
}

/** Lists public streams. A list is used again for a moment, because it is read from all groups. */
export class StreamList {
  private readonly known = new Map<string, KnownList>();

  private readonly scripts: ScriptRunner;
  private readonly clock: Clock;
  private readonly age: number;

  /** `age`: for how long a list is used again, in milliseconds. */
  constructor(scripts: ScriptRunner, clock: Clock, age: number) {
    this.scripts = scripts;
    this.clock = clock;
    this.age = age;
  }

  /** Returns the streams whose name begins with `prefix`, newest message first. */
  read(limit: number, prefix: string): Promise<StreamInfo[]> {
    const now = this.clock.monotonic();
    const key = `${limit} ${prefix}`;
    const known = this.known.get(key);
    if (known !== undefined && now < known.at + this.age) return known.streams;
    const streams = this.readGroups(limit, prefix);
    this.known.set(key, { at: now, streams });
    streams.catch(() => this.known.delete(key));
    return streams;
  }

  /** Forgets old lists. Called about once a second. */
  onTimer(): void {
    const now = this.clock.monotonic();
    for (const [key, { at }] of this.known) if (now >= at + this.age) this.known.delete(key);
  }

  /** Reads few streams of each group at first: most of the newest of all are among them. */
  private async readGroups(limit: number, prefix: string): Promise<StreamInfo[]> {
    const few = Math.min(limit, Math.ceil(limit / GROUPS) * 3 + 8);
    const groups = await Promise.all(
      Array.from({ length: GROUPS }, (_, group) => this.readGroup(group, prefix, few)),
    );
    const last = newestOf(groups.flat(), limit)[limit - 1]?.updated ?? 0;
    const complete = await Promise.all(
      groups.map(async (streams, group) => {
        const isCut = streams.length === few && few < limit && (streams.at(-1)?.updated ?? 0) > last;
        return isCut ? this.readGroup(group, prefix, limit) : streams;
      }),
    );
    return newestOf(complete.flat(), limit);
  }

  private async readGroup(group: number, prefix: string, limit: number): Promise<StreamInfo[]> {
    const reply = await this.scripts.runFor(group, LIST, prefix, [String(limit)]);
    if (!Array.isArray(reply)) return [];
    return (reply as readonly Reply[]).flatMap((each) => {
      if (!Array.isArray(each)) return [];
      const [name, updated, ttl, created] = each as readonly Reply[];
      const id = idOf(Number(created), group, this.scripts.server);
      return [{ name: String(name), id, updated: Number(updated), ttl: Number(ttl) }];
    });
  }
}

function newestOf(streams: readonly StreamInfo[], limit: number): StreamInfo[] {
  return streams.toSorted((a, b) => b.updated - a.updated).slice(0, limit);
}
