import type { Batch } from "../src/core/batch.ts";
import type { Scheduler } from "../src/core/hub.ts";
import { Subscriber, type SubscriberGroup } from "../src/core/subscriber.ts";
import { parseCursorAfter, type Cursor } from "../src/protocol/cursor.ts";
import type { WireEvent, WireMessage } from "../src/protocol/message.ts";

/** Simulates the turns of an event loop; the test ends each turn. */
export class Turns {
  private callbacks: (() => void)[] = [];

  readonly schedule: Scheduler = (callback) => {
    this.callbacks.push(callback);
  };

  /** Ends this turn. */
  end(): void {
    const callbacks = this.callbacks;
    this.callbacks = [];
    for (const callback of callbacks) callback();
  }
}

/** A subscriber that records what it receives. The test decides whether it can take more. */
export class Reader extends Subscriber {
  /** The first batch of each subscription. */
  readonly welcomes: Batch[] = [];
  /** All later batches. */
  readonly batches: Batch[] = [];
  closed = false;
  /** Whether it can take more after the next write. */
  room = true;
  /** Whether it reported that it can take no more and has not drained since. */
  full = false;
  /** The number of writes while full. */
  overruns = 0;

  override welcome(batch: Batch): boolean {
    this.welcomes.push(batch);
    this.full ||= !this.room;
    return !this.full;
  }

  override write(batch: Batch): boolean {
    if (this.full) this.overruns++;
    this.batches.push(batch);
    this.full = !this.room;
    return this.room;
  }

  override get hasRoom(): boolean {
    return !this.full;
  }

  override close(): void {
    this.closed = true;
    this.unsubscribe();
  }

  /** Makes room and resumes. */
  drain(): void {
    this.room = true;
    this.full = false;
    this.resume();
  }

  /** Everything received, in order. */
  get given(): (WireMessage | WireEvent)[] {
    return this.batches
      .flatMap((batch) => batch.entries)
      .map(({ json }) => JSON.parse(json) as WireMessage | WireEvent);
  }

  get texts(): string[] {
    return this.given.filter(({ Type }) => Type === "message").map(({ Text }) => Text);
  }

  /** The cursors of the received messages. */
  get cursors(): Cursor[] {
    return this.batches.flatMap((batch) => batch.entries.map(({ created }) => created)).filter(Boolean);
  }

  /** Returns the received events with these names. */
  events(...names: WireEvent["Text"][]): WireEvent[] {
    return this.given.filter(
      (entry): entry is WireEvent => entry.Type === "event" && names.includes(entry.Text),
    );
  }

  /** The received gaps: after `from` and before `to`. */
  get gaps(): { from: Cursor; to: Cursor }[] {
    return this.events("gap").map(({ From = "", To = "" }) => ({ from: cursorOf(From), to: cursorOf(To) }));
  }
}

/** Stands in for a topic of the runtime: one write reaches all members. */
export class ReaderGroup implements SubscriberGroup {
  readonly members = new Set<GroupReader>();
  readonly transport = "websocket";
  writes = 0;

  get size(): number {
    return this.members.size;
  }

  write(batch: Batch): void {
    this.writes++;
    const full = Array.from(this.members).filter((reader) => !reader.write(batch));
    for (const reader of full) reader.pause();
  }
}

/** A reader that its group writes to while it is live. */
export class GroupReader extends Reader {
  override readonly group: ReaderGroup;
  /** When its replays have their turn; undefined: at once. */
  private readonly later: Scheduler | undefined;

  constructor(group: ReaderGroup, later?: Scheduler) {
    super();
    this.group = group;
    this.later = later;
  }

  override takeTurn(replay: () => void): void {
    if (this.later === undefined) replay();
    else this.later(replay, 0);
  }

  override enterGroup(): void {
    this.group.members.add(this);
  }

  override leaveGroup(): void {
    this.group.members.delete(this);
  }
}

/** The cursor of a `Created`. */
function cursorOf(created: string): Cursor {
  return parseCursorAfter(created) ?? Number.NaN;
}
