// A conversation that a hostile server tells one listener in its own way: everything that can be noticed is in it.
import { create, open, type EncryptedStream, type Links } from "../../src/client/encrypted/index.ts";
import { flipped, gap } from "./lies.ts";
import { clientOf, Listener, proxyOf } from "./network.ts";
import type { Item, TamperingProxy } from "./tampering-proxy.ts";
import type { ServerProcess } from "../../test-support/process.ts";

/** What the listener sees: texts, and warnings in brackets. */
export const STORY = [
  "hello, hi",
  "[split], answer",
  "[missing], next",
  // Its sender has seen what was altered, and says so.
  "[altered], [missing], [split], again",
  "[replayed], [missing], [split], later",
  "[reordered], late",
  "[gap], the end",
].flatMap((seen) => seen.split(", "));

/** The texts of {@link STORY} without what is not to be shown. */
export const STORY_TEXTS = STORY.filter((seen) => !seen.startsWith("["));

/** Two who write, and a listener who is going to be lied to. */
export class Story {
  /** Links through the listener's hostile server. */
  readonly links: Required<Links>;
  readonly owner: EncryptedStream;
  private readonly proxy: TamperingProxy;
  private readonly server: ServerProcess;
  /** Resolves when the listener has subscribed. */
  private readonly subscribed: Promise<void>;

  static async begin(server: ServerProcess): Promise<Story> {
    const proxy = proxyOf(server);
    return new Story(server, proxy, await create(clientOf(proxy)));
  }

  private constructor(server: ServerProcess, proxy: TamperingProxy, owner: EncryptedStream) {
    const { owner: ownerLink = "", writer = "", reader } = owner.links;
    this.links = { owner: ownerLink, writer, reader };
    this.owner = owner;
    this.proxy = proxy;
    this.server = server;
    this.subscribed = new Promise((resolve) => {
      proxy.down = (item) => {
        if (item.Type === "event" && item.Text === "welcome") resolve();
        return [item];
      };
    });
  }

  /** Tells the story, once someone listens. */
  async tell(): Promise<void> {
    await this.subscribed;
    const [bob, eve] = [await this.writer(), await this.writer()];
    this.proxy.down = inItsOwnWay();
    const say = async (one: Writer, text: string) => {
      await one.stream.send(text);
      for (const { listener } of [bob, eve]) await listener.until(text);
    };
    await say(bob, "hello");
    await say(eve, "hi");
    await say(bob, "withheld");
    await say(eve, "answer");
    for (const text of ["next", "changed", "again", "late", "later", "never told", "the end"])
      await say(bob, text);
  }

  private async writer(): Promise<Writer> {
    const stream = await open(this.links.writer, { malten: clientOf(proxyOf(this.server)) });
    return { stream, listener: await Listener.of(stream) };
  }
}

interface Writer {
  readonly stream: EncryptedStream;
  readonly listener: Listener;
}

/** Counts the messages of the story from 0. */
function inItsOwnWay(): (item: Item) => object[] {
  let n = -1;
  let late: object[] = [];
  return (item) => {
    if (item.Type !== "message") return [item];
    const asNew = (by: bigint) => ({
      ...item,
      Id: `${item.Id}x`,
      Created: String(BigInt(item.Created) + by),
    });
    switch (++n) {
      case 2:
        return [];
      case 5:
        return [{ ...item, Text: flipped(200)(item.Text) }];
      case 6:
        return [item, asNew(1n)];
      case 7:
        late = [item];
        return [];
      case 8:
        return [item, ...late.map((held) => ({ ...asNew(2n), ...pick(held) }))];
      case 9:
        return [gap(item.Stream, String(BigInt(item.Created) - 1n), String(BigInt(item.Created) + 1n))];
      default:
        return [item];
    }
  };
}

function pick(message: object): { Text: unknown } {
  return { Text: "Text" in message ? message.Text : "" };
}
