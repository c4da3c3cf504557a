// A stream with the two ends of a pipe, and with strangers, without a server.
import type { Bytes } from "../../src/crypto/bytes.ts";
import { random } from "../../src/crypto/primitives.ts";
import {
  joinPipe,
  openPipe,
  type JoinPipeOptions,
  type PipeEnd,
  type PipeEndEvent,
  type PipeStep,
} from "../../src/crypto/pipe/index.ts";

/** A stream in memory. */
export class PipeStream {
  readonly texts: string[] = [];
  now = 0;
  readonly #options: Omit<JoinPipeOptions, "keyHash"> = {
    stream: "~pipe",
    secret: random(32),
    now: () => this.now,
  };
  #keyHash: Bytes = new Uint8Array();

  async open(): Promise<TestEnd> {
    const { end, keyHash } = await openPipe(this.#options);
    this.#keyHash = keyHash;
    return new TestEnd(this, end);
  }

  join(changes: Partial<JoinPipeOptions> = {}): TestEnd {
    return new TestEnd(this, joinPipe({ ...this.#options, keyHash: this.#keyHash, ...changes }));
  }

  publish(text: string): void {
    this.texts.push(text);
  }

  /** A pipe whose ends have joined. */
  static async joined(): Promise<{ stream: PipeStream; opener: TestEnd; joiner: TestEnd }> {
    const stream = new PipeStream();
    const opener = await stream.open();
    const joiner = stream.join();
    await opener.step(opener.end.start());
    await settle(opener, joiner);
    return { stream, opener, joiner };
  }
}

/** An end that publishes at once what it is told to, and remembers what happens. */
export class TestEnd {
  readonly events: PipeEndEvent[] = [];
  /** Texts, sizes of bytes, and `end`, as received. */
  readonly received: (string | number)[] = [];
  readonly stream: PipeStream;
  readonly end: PipeEnd;
  /** Whether data is taken as soon as it comes. */
  takes = true;
  /** What becomes of a message before it is received: undefined if it is lost. */
  filter: (text: string, index: number) => string | undefined | void = (text) => text;
  /** Number of data events that wait to be taken. */
  waiting = 0;
  #cursor = 0;

  constructor(stream: PipeStream, end: PipeEnd) {
    this.stream = stream;
    this.end = end;
  }

  get isBehind(): boolean {
    return this.#cursor < this.stream.texts.length;
  }

  /** Performs a step. */
  async step(step: Promise<PipeStep>): Promise<void> {
    const { frames, events } = await step;
    for (const text of frames) this.stream.publish(text);
    for (const event of events) {
      this.events.push(event);
      const data = dataOf(event);
      if (data === undefined) continue;
      this.received.push(data);
      this.waiting++;
      if (this.takes) await this.take(1);
    }
  }

  async take(count: number): Promise<void> {
    this.waiting -= count;
    await this.step(this.end.consumed(count));
  }

  /** Receives the next message of the stream. */
  async receive(): Promise<void> {
    const index = this.#cursor++;
    const text = this.filter(this.stream.texts[index] ?? "", index);
    if (text !== undefined) await this.step(this.end.receive(text));
  }

  /** The types of the events that are not data. */
  get happened(): string[] {
    return this.events.filter((event) => dataOf(event) === undefined).map((event) => event.type);
  }
}

function dataOf(event: PipeEndEvent): string | number | undefined {
  if (event.type === "text") return event.text;
  if (event.type === "bytes") return event.bytes.length;
  return event.type === "end" ? "end" : undefined;
}

/** Delivers everything to everyone, until nothing more happens. */
export async function settle(...ends: TestEnd[]): Promise<void> {
  for (let behind = ends.filter((end) => end.isBehind); behind.length > 0;) {
    for (const end of behind) await end.receive();
    behind = ends.filter((end) => end.isBehind);
  }
}
