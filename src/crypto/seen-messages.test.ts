import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { uint, type Bytes } from "./bytes.ts";
import { BEFORE, SeenMessages } from "./seen-messages.ts";

/** The hash of a message, by its number from 0. */
function hashOf(message: number): Bytes {
  return uint(message + 1, 8);
}

/** Someone who reads a stream and writes to it. */
class Participant {
  readonly seen: SeenMessages;
  /** The number of the message it saw last. */
  latest = -1;
  /** The next message that it will be delivered. */
  next: number;
  readonly positions = new Map<number, number>();
  splits = 0;

  constructor(next: number, isComplete: boolean) {
    this.next = next;
    this.seen = new SeenMessages(isComplete);
  }

  deliver(message: number, { sender, lastSeen }: Published): void {
    const { isSplit, position } = this.seen.compare(
      lastSeen < 0 ? new Uint8Array(8) : hashOf(lastSeen),
      this.positions.get(sender) ?? BEFORE,
    );
    if (isSplit) this.splits++;
    this.positions.set(sender, position);
    if (this.seen.add(hashOf(message))) this.splits++;
    this.latest = message;
  }
}

interface Published {
  readonly sender: number;
  /** The number of the message that the sender saw last when it sealed this one. */
  readonly lastSeen: number;
}

const who = fc.nat(3);

/** What happens: messages are sealed and published later, delivered, missed with a gap, and people join. */
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("seal" as const), who }),
    fc.record({ kind: fc.constant("publish" as const), who }),
    fc.record({ kind: fc.constant("deliver" as const), who }),
    fc.record({ kind: fc.constant("miss" as const), who }),
    fc.record({ kind: fc.constant("join" as const), who }),
  ),
  { minLength: 40, maxLength: 160 },
);

describe("what others have seen", () => {
  test("is never a split where the server is honest, however late and lossy", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const stream: Published[] = [];
        const people = new Map<number, Participant>();
        // A program that joins again is another sender.
        const senders = new Map<number, number>();
        const sealed = new Map<number, Published[]>();
        let nextSender = 0;
        for (const { kind, who: person } of given) {
          const participant = people.get(person);
          const outbox = sealed.get(person) ?? [];
          if (kind === "join" || !participant) {
            people.set(person, new Participant(stream.length, stream.length === 0));
            senders.set(person, nextSender++);
            sealed.set(person, []);
          } else if (kind === "seal") {
            outbox.push({ sender: senders.get(person) ?? 0, lastSeen: participant.latest });
          } else if (kind === "publish") {
            const message = outbox.shift();
            if (message) stream.push(message);
          } else if (kind === "miss" && participant.next < stream.length) {
            participant.next++;
            participant.seen.gap();
          } else {
            const message = stream[participant.next];
            if (message) participant.deliver(participant.next++, message);
          }
          expect(people.get(person)?.splits).toBe(0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("shows what was hidden from someone who was there from the beginning", () => {
    const seen = new SeenMessages(true);
    expect(seen.compare(hashOf(0), BEFORE).isSplit).toBe(true);
    // Reported once, whoever names it.
    expect(seen.compare(hashOf(0), BEFORE).isSplit).toBe(false);
    expect(new SeenMessages(false).compare(hashOf(0), BEFORE).isSplit).toBe(false);
  });

  test("shows what was hidden after something that its sender saw", () => {
    const seen = new SeenMessages(false);
    seen.add(hashOf(0));
    const { position } = seen.compare(hashOf(0), BEFORE);
    expect(seen.compare(hashOf(1), position)).toEqual({ isSplit: true, position });
  });

  test("does not count after a gap until something later is named", () => {
    const seen = new SeenMessages(true);
    seen.add(hashOf(0));
    seen.gap();
    expect(seen.compare(hashOf(1), 0).isSplit).toBe(false);
    seen.add(hashOf(2));
    const { position } = seen.compare(hashOf(2), 0);
    expect(seen.compare(hashOf(3), position).isSplit).toBe(true);
    // Named by one who may have missed nothing, it counts although it did not before.
    expect(seen.compare(hashOf(1), position).isSplit).toBe(true);
  });

  test("shows another order", () => {
    const seen = new SeenMessages(false);
    seen.add(hashOf(0));
    seen.add(hashOf(1));
    expect(seen.compare(hashOf(0), 1)).toEqual({ isSplit: true, position: 0 });
    expect(seen.compare(hashOf(2), BEFORE).isSplit).toBe(false);
    expect(seen.add(hashOf(2))).toBe(true);
  });

  test("is remembered for the newest 4096 messages, and older ones are no split", () => {
    const seen = new SeenMessages(true);
    for (let i = 0; i <= 4096; i++) seen.add(hashOf(i));
    expect(seen.compare(hashOf(0), BEFORE)).toEqual({ isSplit: false, position: BEFORE });
    expect(seen.compare(hashOf(1), BEFORE)).toEqual({ isSplit: false, position: 1 });
    expect(seen.compare(hashOf(9000), 0).isSplit).toBe(false);
    expect(seen.compare(hashOf(9001), 1).isSplit).toBe(true);
  });
});
