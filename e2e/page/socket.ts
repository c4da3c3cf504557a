// What the server says, changed or added by a test: a slow machine would miss what lasts for a few seconds only.
import type { Page, WebSocketRoute } from "playwright-core";

/** The members of a `welcome` event that tests change. */
export interface Welcome {
  readonly Created: string;
  readonly Expires?: string;
  readonly Count: number;
}

/** The connection of a page. */
export class Socket {
  private readonly opened = Promise.withResolvers<WebSocketRoute>();

  /** Sends an event of a stream as if the server had. */
  async send(stream: string, event: Readonly<Record<string, unknown>>): Promise<void> {
    const socket = await this.opened.promise;
    socket.send(JSON.stringify({ Type: "event", Stream: stream, ...event }));
  }

  /** Says that a stream expires in this many seconds. */
  expiring(stream: string, seconds: number): Promise<void> {
    return this.send(stream, { Text: "expiring", Seconds: seconds });
  }

  /** Says that a stream has expired. */
  expired(stream: string): Promise<void> {
    return this.send(stream, { Text: "ended", Reason: "idle" });
  }

  /**
   * Takes part in the connection that the page will open; to be called before it opens a stream. `change` returns what `welcome` says
   * instead of what the server does.
   */
  static async of(page: Page, change: (welcome: Welcome) => Partial<Welcome> = () => ({})): Promise<Socket> {
    const connection = new Socket();
    await page.routeWebSocket(/\/events/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((data) => {
        const event = JSON.parse(String(data)) as Welcome & { Type: string; Text: string };
        const isWelcome = event.Type === "event" && event.Text === "welcome";
        socket.send(isWelcome ? JSON.stringify({ ...event, ...change(event) }) : data);
      });
      connection.opened.resolve(socket);
    });
    return connection;
  }
}
