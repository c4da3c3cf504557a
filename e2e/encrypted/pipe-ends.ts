// Both ends of pipes.
import { pipe, type Pipe, type PipeEvent } from "../../src/client/encrypted/index.ts";
import type { Malten } from "../../src/client/index.ts";
import { closing } from "./network.ts";

/** An end of a pipe, and what happened to it. */
export class PipeEndUnderTest {
  readonly pipe: Pipe;
  readonly events: PipeEvent["type"][] = [];
  private readonly messages: AsyncIterator<{ readonly text: string }, undefined>;
  private changed = () => {};

  static async opener(malten: Malten): Promise<PipeEndUnderTest> {
    return new PipeEndUnderTest(await pipe.create(malten));
  }

  static async joiner({ pipe: { link = "" } }: PipeEndUnderTest, malten: Malten): Promise<PipeEndUnderTest> {
    return new PipeEndUnderTest(await pipe.join(link, { malten }));
  }

  private constructor(end: Pipe) {
    this.pipe = closing(end);
    this.messages = end.messages();
    void this.follow(end);
  }

  /** The next texts from the other end. */
  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const { value } = await this.messages.next();
      if (!value) throw new Error(`it ended after ${texts.join(", ")}`);
      texts.push(value.text);
    }
    return texts;
  }

  /** Waits for an event, also for one that was already. */
  async event(type: PipeEvent["type"]): Promise<void> {
    while (!this.events.includes(type))
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
  }

  private async follow(end: Pipe): Promise<void> {
    for await (const { type } of end.events()) {
      this.events.push(type);
      this.changed();
    }
  }
}

const NUMBERS = Array.from({ length: 12 }, (_, i) => String(i));

/** Texts both ways. Resolves when all have arrived, with what has. */
export async function talk(one: PipeEndUnderTest, other: PipeEndUnderTest): Promise<string[][]> {
  const send = async ({ pipe: end }: PipeEndUnderTest) => {
    for (const text of NUMBERS) await end.send(text);
  };
  const [, , ...texts] = await Promise.all([
    send(one),
    send(other),
    one.texts(NUMBERS.length),
    other.texts(NUMBERS.length),
  ]);
  return texts;
}

/** What {@link talk} resolves with. */
export const TALKED = [NUMBERS, NUMBERS];
