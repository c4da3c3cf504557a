// A server that is not honest: a real one, behind a proxy that can change everything that passes.
import type { WireEvent, WireMessage } from "../../src/protocol/message.ts";
import { LINES_SUBPROTOCOL } from "../../src/protocol/socket.ts";

/** A message, an event, an ack or an error on its way to a client. */
export type Item =
  | WireMessage
  | WireEvent
  | { readonly Type: "ack" | "error" | "welcome"; readonly Id?: string };

/** A frame on its way to the server. */
export interface Frame {
  readonly Type: string;
  readonly Ref?: string | number;
  readonly Text?: string;
  readonly Last?: string;
}

/** Returns what arrives instead. */
type Change<T> = (passing: T) => readonly object[];

/** A WebSocket through the proxy. */
interface Bridge {
  readonly url: string;
  readonly protocol: string | null;
  upstream: WebSocket | undefined;
  /** Frames of the client that came before the server's side was open. */
  readonly early: string[];
}

/** Each client that should get something of its own has its own proxy in front of the same server. */
export class TamperingProxy implements AsyncDisposable {
  /** Changes what the client gets: items of a WebSocket or of server-sent events, and messages of pages. Nothing by default. */
  down: Change<Item> = (item) => [item];
  /** Changes the frames that the client sends on a WebSocket. */
  up: Change<Frame> = (frame) => [frame];
  /** Everything that the client sent: frames, addresses and bodies of requests. */
  readonly heard: string[] = [];
  /** The server's address without a trailing slash. Another one is used from the next connection on. */
  target: string;
  private readonly bridges = new Set<Bun.ServerWebSocket<Bridge>>();
  private readonly server: Bun.Server<Bridge>;

  constructor(target: string) {
    this.target = target;
    this.server = Bun.serve<Bridge>({
      port: 0,
      hostname: "127.0.0.1",
      // Long polls.
      idleTimeout: 120,
      fetch: (request, server) => this.answer(request, server),
      websocket: {
        open: (socket) => this.opened(socket),
        message: (socket, data) => this.asked(socket, String(data)),
        close: (socket) => {
          this.bridges.delete(socket);
          socket.data.upstream?.close();
        },
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** Breaks all WebSockets. */
  disconnect(): void {
    for (const socket of this.bridges) socket.terminate();
  }

  /** Sends an item on all WebSockets, unasked. */
  say(item: object): void {
    for (const socket of this.bridges) socket.send(JSON.stringify(item));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disconnect();
    await this.server.stop(true);
  }

  private async answer(request: Request, server: Bun.Server<Bridge>): Promise<Response | undefined> {
    const { pathname, search } = new URL(request.url);
    const url = `${this.target}${pathname}${search}`;
    if (request.headers.get("upgrade") === "websocket") {
      const protocol = request.headers.get("sec-websocket-protocol");
      const headers: Record<string, string> = protocol ? { "sec-websocket-protocol": protocol } : {};
      const data = { url: url.replace(/^http/, "ws"), protocol, upstream: undefined, early: [] };
      return server.upgrade(request, { data, headers }) ? undefined : new Response(null, { status: 400 });
    }
    const body = await request.text();
    this.heard.push(`${request.method} ${pathname}${search}`, JSON.stringify([...request.headers]), body);
    const headers = new Headers(request.headers);
    for (const name of ["host", "connection", "accept-encoding", "content-length"]) headers.delete(name);
    const { method, signal } = request;
    try {
      const response = await fetch(url, { method, headers, signal, ...(body && { body }) });
      return await this.changed(request, response);
    } catch {
      // The client or the server is gone.
      return new Response(null, { status: 502 });
    }
  }

  private async changed(request: Request, response: Response): Promise<Response> {
    const headers = new Headers(response.headers);
    // `fetch` has decoded the body.
    for (const name of ["content-length", "content-encoding", "transfer-encoding"]) headers.delete(name);
    const init = { status: response.status, headers };
    const type = headers.get("content-type") ?? "";
    const isPage = request.method === "GET" && new URL(request.url).pathname === "/messages" && response.ok;
    if (isPage) {
      const items = (await response.json()) as Item[];
      return new Response(JSON.stringify(items.flatMap((item) => this.down(item))), init);
    }
    if (!type.startsWith("text/event-stream") || !response.body) return new Response(response.body, init);
    return new Response(response.body.pipeThrough(this.events()), init);
  }

  /** Changes server-sent events. */
  private events(): TransformStream<Uint8Array, Uint8Array> {
    const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
    let rest = "";
    return new TransformStream({
      transform: (bytes, controller) => {
        const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const data = /^data: ?(.*)$/m.exec(block);
          const items = data ? this.down(JSON.parse(data[1] ?? "") as Item) : [undefined];
          for (const item of items) {
            const changed = item ? block.replace(/^data:.*$/m, () => `data: ${JSON.stringify(item)}`) : block;
            controller.enqueue(encoder.encode(`${changed}\n\n`));
          }
        }
      },
    });
  }

  private opened(socket: Bun.ServerWebSocket<Bridge>): void {
    this.bridges.add(socket);
    const { data } = socket;
    const upstream = new WebSocket(data.url, data.protocol ? [LINES_SUBPROTOCOL] : []);
    data.upstream = upstream;
    upstream.addEventListener("open", () => {
      for (const frame of data.early.splice(0)) upstream.send(frame);
    });
    upstream.addEventListener("message", (event) => {
      for (const line of String(event.data).split("\n"))
        for (const item of this.down(JSON.parse(line) as Item)) socket.send(JSON.stringify(item));
    });
    upstream.addEventListener("close", ({ code }) => socket.close(code === 1006 ? 1011 : code));
  }

  private asked(socket: Bun.ServerWebSocket<Bridge>, json: string): void {
    this.heard.push(json);
    const { upstream, early } = socket.data;
    for (const frame of this.up(JSON.parse(json) as Frame)) {
      if (upstream?.readyState === WebSocket.OPEN) upstream.send(JSON.stringify(frame));
      else early.push(JSON.stringify(frame));
    }
  }
}
