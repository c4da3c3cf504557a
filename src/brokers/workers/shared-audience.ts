import { nextAnnouncement, type Announced } from "../../core/announcements.ts";
import type { Clock } from "../../core/clock.ts";
import type { IdGenerator } from "../../core/id-generator.ts";
import { PresenceList } from "../../core/presence.ts";
import { formatNanoseconds } from "../../protocol/cursor.ts";
import { eventJson, type EventDetails } from "../../protocol/message.ts";
import { MAX_PEOPLE, type WirePerson, type WirePresence } from "../../protocol/presence.ts";

/** The listeners of one stream in all workers. */
class StreamAudience implements Announced {
  /** By worker. */
  readonly counts = new Map<object, number>();
  count = 0;
  /** Named listeners of each worker, by their number. */
  readonly listeners = new Map<object, Map<number, object>>();
  people: PresenceList | undefined = undefined;
  announced = 0;
  announcedAt = Number.NEGATIVE_INFINITY;
  /** Whether the timer announces what changed since the last event. */
  isWaiting = false;
}

/** Counts the listeners of all workers, and makes the events about them. */
export class SharedAudience {
  private readonly streams = new Map<string, StreamAudience>();
  private readonly ids: IdGenerator;
  private readonly clock: Clock;
  private readonly onEvent: (stream: string, json: string) => void;

  /** @param onEvent receives events for all listeners of a stream, as JSON */
  constructor(ids: IdGenerator, clock: Clock, onEvent: (stream: string, json: string) => void) {
    this.ids = ids;
    this.clock = clock;
    this.onEvent = onEvent;
  }

  /** The number of listeners of a stream. */
  observers(stream: string): number {
    return this.streams.get(stream)?.count ?? 0;
  }

  presence(stream: string): WirePresence {
    const audience = this.streams.get(stream);
    return {
      Stream: stream,
      Created: formatNanoseconds(this.ids.now()),
      Observers: audience?.count ?? 0,
      ...(audience?.people?.list(MAX_PEOPLE) ?? { People: [], More: 0 }),
    };
  }

  /** Sets the person of a worker's listener; undefined removes it. `stream` is kept. */
  setPerson(stream: string, worker: object, key: number, person?: WirePerson): void {
    const audience = this.of(stream);
    if (person === undefined && audience.listeners.get(worker)?.has(key) !== true) return;
    let listeners = audience.listeners.get(worker);
    if (listeners === undefined) audience.listeners.set(worker, (listeners = new Map<number, object>()));
    const listener = listeners.get(key) ?? {};
    if (person === undefined) listeners.delete(key);
    else listeners.set(key, listener);
    audience.people ??= new PresenceList();
    audience.people.set(listener, person);
  }

  /** Sets the number of a worker's listeners, and announces what changed. `stream` is kept. */
  announce(stream: string, worker: object, count: number): void {
    const audience = this.of(stream);
    audience.count += count - (audience.counts.get(worker) ?? 0);
    if (count > 0) audience.counts.set(worker, count);
    else audience.counts.delete(worker);
    this.tell(stream, audience);
  }

  /** Removes all listeners of a worker from a stream. */
  remove(stream: string, worker: object): void {
    const audience = this.streams.get(stream);
    if (audience === undefined) return;
    for (const listener of audience.listeners.get(worker)?.values() ?? []) audience.people?.set(listener);
    audience.listeners.delete(worker);
    this.announce(stream, worker, 0);
    if (audience.counts.size === 0) this.streams.delete(stream);
  }

  /** Returns an event that makes listeners ask for the presence list again, after they may have missed some. */
  refreshEvent(stream: string): string | undefined {
    const count = this.observers(stream);
    return count === 0 ? undefined : this.event(stream, { Text: "presence", Observers: count, More: 1 });
  }

  /** Announces what could not be announced at once. Called about once a second. */
  onTimer(): void {
    for (const [stream, audience] of this.streams) if (audience.isWaiting) this.tell(stream, audience);
  }

  private of(stream: string): StreamAudience {
    let audience = this.streams.get(stream);
    if (audience === undefined) this.streams.set(stream, (audience = new StreamAudience()));
    return audience;
  }

  private tell(stream: string, audience: StreamAudience): void {
    const details = nextAnnouncement(audience, audience.count, this.clock);
    audience.isWaiting =
      details === undefined && (audience.count !== audience.announced || audience.people?.changed === true);
    if (details !== undefined) this.onEvent(stream, this.event(stream, details));
  }

  private event(stream: string, details: EventDetails): string {
    const created = this.ids.next();
    return eventJson(this.ids.id(created), created, stream, details);
  }
}
