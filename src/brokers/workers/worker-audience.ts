import type { Audience } from "../../core/broker.ts";
import type { WirePerson } from "../../protocol/presence.ts";
import type { FrameSender } from "./batches.ts";
import { encodeWorkerFrame } from "./worker-frames.ts";

/** The listeners of all workers, seen from one of them: the main process counts them and makes the events about them. */
export class WorkerAudience implements Audience {
  private listener: (stream: string, json: string) => void = () => {};
  /** Named listeners, by the number that the main process knows them by. */
  private readonly keys = new Map<object, number>();
  private lastKey = 0;
  /** What is reported with the next announcement, by stream. */
  private readonly changes = new Map<string, string[]>();
  private readonly sender: FrameSender;
  readonly presence: Audience["presence"];

  /** @param presence see {@link Audience.presence} */
  constructor(sender: FrameSender, presence: Audience["presence"]) {
    this.sender = sender;
    this.presence = presence;
  }

  listen(onEvent: (stream: string, json: string) => void): void {
    this.listener = onEvent;
  }

  setPerson(stream: string, listener: object, person?: WirePerson): void {
    const key = this.keyOf(listener, person);
    if (key === undefined) return;
    const frame = encodeWorkerFrame({ kind: "person", stream, key, person });
    const changes = this.changes.get(stream);
    if (changes === undefined) this.changes.set(stream, [frame]);
    else changes.push(frame);
  }

  announce(stream: string, count: number): void {
    for (const frame of this.changes.get(stream) ?? []) this.sender.send(frame);
    this.changes.delete(stream);
    this.sender.send(encodeWorkerFrame({ kind: "announce", stream, count }));
  }

  /** Forgets a stream without listeners here, as the main process does when the last one is gone. */
  forget(stream: string): void {
    this.changes.delete(stream);
  }

  /** Passes on an event that the main process made. */
  onEvent(stream: string, json: string): void {
    this.listener(stream, json);
  }

  /** Returns the number of a listener that has or had a person. */
  private keyOf(listener: object, person: WirePerson | undefined): number | undefined {
    const known = this.keys.get(listener);
    if (person === undefined) {
      this.keys.delete(listener);
      return known;
    }
    if (known !== undefined) return known;
    this.keys.set(listener, ++this.lastKey);
    return this.lastKey;
  }
}
