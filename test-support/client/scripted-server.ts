/** A frame from the client. */
export interface ClientFrame {
  readonly Type: string;
  readonly Stream?: string;
  readonly Ref?: string | number;
  readonly Text?: string;
  readonly Name?: string;
  readonly Access?: string;
}

type Reply = (frame: object) => void;

/** How the server answers. What is missing, it answers as a server would. */
interface Script {
  /** A socket was opened. Sends the welcome, unless the test says something else. */
  opened?(reply: Reply, attempt: number): void;
  /** Returns true for a frame that it has answered; the others are answered as by a server. */
  frame?(frame: ClientFrame, reply: Reply, attempt: number): boolean;
  http?(request: Request): Response | null | Promise<Response | null>;
  /** Whether a request for a WebSocket is answered by {@link http}. */
  refusesSockets?(): boolean;
}

const EVENT = { Id: "e", Type: "event", Created: "1000", Metadata: null };

/** The first event of a subscription. */
export function welcome(stream: string, cursor = "1000-me"): object {
  return { ...EVENT, Text: "welcome", Stream: stream, Server: "me", Cursor: cursor };
}

export function message(stream: string, text: string, created: number): object {
  return {
    ...EVENT,
    Id: `m-${created}`,
    Type: "message",
    Text: text,
    Created: `${created}000`,
    Stream: stream,
  };
}

/** A server whose faults a test chooses. */
export class ScriptedServer implements AsyncDisposable {
  /** All frames of all sockets. */
  readonly frames: ClientFrame[] = [];
  /** Sockets that were opened. */
  attempts = 0;
  private readonly server: Bun.Server<number>;

  constructor(script: Script) {
    this.server = Bun.serve<number>({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request, server) => {
        if (!script.refusesSockets?.() && server.upgrade(request, { data: this.attempts + 1 })) return;
        const answer = await script.http?.(request);
        if (answer) return answer;
        if (new URL(request.url).pathname === "/presence")
          return Response.json({ Created: "1000", Observers: 1, People: [], More: 0 });
        return Response.json({ server: "me" });
      },
      websocket: {
        open: (socket) => {
          this.attempts = socket.data;
          const reply = (frame: object) => void socket.send(JSON.stringify(frame));
          if (script.opened) script.opened(reply, socket.data);
          else reply({ Type: "welcome", Server: "me" });
        },
        message: (socket, data) => {
          const frame = JSON.parse(String(data)) as ClientFrame;
          this.frames.push(frame);
          const reply = (answer: object) => void socket.send(JSON.stringify(answer));
          if (script.frame?.(frame, reply, socket.data)) return;
          const { Type, Ref, Stream = "" } = frame;
          reply(
            Type === "message"
              ? { Type: "ack", Ref, Id: `id-${Ref}`, Created: "5000" }
              : { Type: Type === "ping" ? "pong" : "ack", Ref },
          );
          if (Type === "subscribe") reply(welcome(Stream));
        },
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(true);
  }
}
