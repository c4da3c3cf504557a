import { renew } from "./bounded-map.ts";
import { BEFORE } from "./seen-messages.ts";
import { SenderCounters } from "./sender-counters.ts";

/** Senders whose counters are remembered. Those not heard of for the longest time are forgotten. */
const MAX_SENDERS = 16_384;

/** What is known of a sender. */
export interface KnownSender {
  readonly counters: SenderCounters;
  /** Whether its messages that are missing may be in a gap that the server reported. */
  hadGap: boolean;
  /** The position of the message that it saw last. */
  position: number;
}

/** The senders of a stream, by their keys. */
export class KnownSenders {
  private readonly senders = new Map<string, KnownSender>();
  private readonly most: number;
  /** Whether the first message of an unknown sender has counter 0. */
  private isComplete: boolean;

  /** `isComplete`: nothing was published before the first message that will be received. */
  constructor(isComplete: boolean, most = MAX_SENDERS) {
    this.isComplete = isComplete;
    this.most = most;
  }

  /** Messages may be missing here. */
  gap(): void {
    this.isComplete = false;
    for (const sender of this.senders.values()) sender.hadGap = true;
  }

  get(key: string): KnownSender | undefined {
    return this.senders.get(key);
  }

  /** A sender whose first message here has this counter. What it sent before is missing only if all of it should have been received. */
  create(counter: number): KnownSender {
    const counters = new SenderCounters(this.isComplete ? 0 : counter);
    return { counters, hadGap: false, position: BEFORE };
  }

  /** Remembers a sender as the one that was heard of last. */
  remember(key: string, sender: KnownSender): void {
    const forgotten = renew(this.senders, key, sender, this.most);
    if (forgotten !== undefined) this.isComplete = false;
  }
}
