import type { TransportName } from "../../src/client/index.ts";

/** Controls the server and its proxy from any runtime, over HTTP to {@link ControlServer}. */
export class World {
  /** The address of the proxy in front of the server. */
  readonly url: string;
  readonly transport: TransportName;
  private readonly control: string;

  constructor(control: string, url: string, transport: TransportName) {
    this.control = control;
    this.url = url;
    this.transport = transport;
  }

  /** Returns an unused stream name. */
  newStream(): string {
    return `s-${Math.random().toString(36).slice(2)}`;
  }

  /** Publishes the numbers from `first` to `last`, bypassing the network. Returns the `Created` of each. */
  async publish(stream: string, first: number, last: number): Promise<string[]> {
    return JSON.parse(await this.ask(`publish/${stream}/${first}/${last}`)) as string[];
  }

  /** Kills the server with SIGKILL. */
  async kill(): Promise<void> {
    await this.ask("kill");
  }

  /** Starts another server at the same address. */
  async start(): Promise<void> {
    await this.ask("start");
  }

  /** Drops all further traffic on the present connections, without closing them. */
  async stall(): Promise<void> {
    await this.ask("stall");
  }

  /** Closes each present connection once it has carried this many more bytes from the server. */
  async cut(bytes: number): Promise<void> {
    await this.ask(`cut/${bytes}`);
  }

  /** Closes all connections and rejects new ones until {@link unblock}. */
  async block(): Promise<void> {
    await this.ask("block");
  }

  async unblock(): Promise<void> {
    await this.ask("unblock");
  }

  /** Acts as a proxy that rejects WebSockets, or that holds back responses until they are complete. */
  async filter(what: "nothing" | "websockets" | "events"): Promise<void> {
    await this.ask(`filter/${what}`);
  }

  /** Counts the WebSocket requests since the last call of {@link filter}. */
  async upgrades(): Promise<number> {
    return Number(await this.ask("upgrades"));
  }

  /** Restarts the count of {@link connections}. */
  async resetConnections(): Promise<void> {
    await this.ask("reset");
  }

  /** Counts the connections since {@link resetConnections}, and how many of them the kernel lists as established. */
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
