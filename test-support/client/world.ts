import type { TransportName } from "../../src/client/index.ts";

/** What can be done to the server and the network between, from any runtime: by HTTP, to {@link ControlServer}. */
export class World {
  /** The server, through the network that fails on demand. */
  readonly url: string;
  readonly transport: TransportName;
  private readonly control: string;

  constructor(control: string, url: string, transport: TransportName) {
    this.control = control;
    this.url = url;
    this.transport = transport;
  }

  /** A stream of its own for each case. */
  newStream(): string {
    return `s-${Math.random().toString(36).slice(2)}`;
  }

  /** Publishes the numbers from `first` to `last`, past the network. Answers the `Created` of each. */
  async publish(stream: string, first: number, last: number): Promise<string[]> {
    return JSON.parse(await this.ask(`publish/${stream}/${first}/${last}`)) as string[];
  }

  /** The server dies, without a word. */
  async kill(): Promise<void> {
    await this.ask("kill");
  }

  /** A new server, at the same address. */
  async start(): Promise<void> {
    await this.ask("start");
  }

  /** What goes over the connections that there are now stays where it is, for ever. */
  async stall(): Promise<void> {
    await this.ask("stall");
  }

  /** Ends each connection that there is now once it has carried so many bytes more from the server. */
  async cut(bytes: number): Promise<void> {
    await this.ask(`cut/${bytes}`);
  }

  /** No connection gets through until {@link unblock}, and those that there are end. */
  async block(): Promise<void> {
    await this.ask("block");
  }

  async unblock(): Promise<void> {
    await this.ask("unblock");
  }

  /** A proxy that lets no WebSocket through, or that gives out only responses that are complete. */
  async filter(what: "nothing" | "websockets" | "events"): Promise<void> {
    await this.ask(`filter/${what}`);
  }

  /** How many WebSockets were asked for since the last call of {@link filter}. */
  async upgrades(): Promise<number> {
    return Number(await this.ask("upgrades"));
  }

  /** From now on, connections are counted anew. */
  async resetConnections(): Promise<void> {
    await this.ask("reset");
  }

  /** How many connections this program opened since {@link resetConnections}, and how many of them the kernel has open. */
  async connections(): Promise<{ accepted: number; open: number }> {
    return JSON.parse(await this.ask("connections")) as { accepted: number; open: number };
  }

  private async ask(path: string): Promise<string> {
    const response = await fetch(`${this.control}/${path}`, { method: "POST" });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${answer}`);
    return answer;
  }
}
