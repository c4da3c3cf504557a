import type { WireMessage } from "../../src/protocol/message.ts";
import { EventReader, SocketClient, type Wire } from "../clients.ts";

/** Its stream: no case writes to it. */
const STREAM = "witness-2f9c1b7a";

/** An honest client beside the attack: publishes, and listens in two ways to what it published. */
export class Witness implements AsyncDisposable {
  /** Ids of the messages that were acknowledged. */
  private readonly published: string[] = [];
  /** Publishes that were rejected for lack of memory: a case may fill it. */
  rejected = 0;
  private readonly url: string;
  private readonly events: EventReader;
  private readonly socket: SocketClient;

  private constructor(url: string, events: EventReader, socket: SocketClient) {
    this.url = url;
    this.events = events;
    this.socket = socket;
  }

  static async open(url: string): Promise<Witness> {
    const events = await EventReader.open(url, STREAM);
    await events.nextEvent("welcome");
    return new Witness(url, events, await SocketClient.open(url, STREAM));
  }

  /** Publishes a message and waits until both listeners have received it and nothing else. @throws Error otherwise */
  async round(): Promise<void> {
    const response = await fetch(`${this.url}/messages`, {
      method: "POST",
      body: new URLSearchParams({ stream: STREAM, text: `message ${this.published.length}` }),
    });
    if (response.status === 503) {
      await response.body?.cancel();
      this.rejected++;
      return;
    }
    if (response.status !== 201)
      throw new Error(`the witness got ${response.status}: ${await response.text()}`);
    const { Id } = (await response.json()) as WireMessage;
    this.published.push(Id);
    expectMessage(await this.events.nextData(), Id);
    expectMessage((await this.socket.next()) as Wire, Id);
  }

  get received(): number {
    return this.published.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.events[Symbol.asyncDispose]();
    await this.socket[Symbol.asyncDispose]();
  }
}

function expectMessage(wire: Wire, id: string): void {
  if (wire.Id !== id) throw new Error(`the witness should have received ${id}, not ${JSON.stringify(wire)}`);
}
