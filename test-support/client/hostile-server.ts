import * as fc from "fast-check";

/** What reaches a terminal must have none of this: escape sequences, a clipboard write (OSC 52), NUL, C1, bidi controls, newlines. */
export const HOSTILE = "\u001b]52;c;b3duZWQ=\u0007\u001b[2J\u0000\u009b31m\u202e\u2066\u200f\u2028\r\n\u007f";

/** Values of any type that a field can have. */
const garbage: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(HOSTILE) },
  fc.constantFrom(null, true, -1, 0.5, 1e300, 0, "", "0", "9".repeat(30), [], {}, [HOSTILE], { length: 1e9 }),
  fc.constantFrom(`1-${HOSTILE}`, { Name: HOSTILE }, [{ Name: HOSTILE, Status: HOSTILE }], [[]], ["x"], {
    map: 1,
  }),
);

/** The values to put in place of some fields, by their name. */
export type Garbled = ReadonlyMap<string, unknown>;

const FIELDS = (
  "Id Text MessageText Type Created Stream Metadata Server Cursor TTL Expires Count Observers People More From To Seconds Reason Name Status " +
  "Ref Code RetryAfter server text ttl rateLimit byteRate stream owner private Updated code detail header name"
).split(" ");

/** Replaces a few fields of all answers; a replaced name replaces the keys of the stream list. */
export const garbled: fc.Arbitrary<Garbled> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...FIELDS), garbage), { maxLength: 4, selector: ([field]) => field })
  .map((entries) => new Map(entries));

const EVENT = { Id: "e", Type: "event", Created: "1000", Stream: "foo", Metadata: null };

/** Everything that a server can send about a stream, the last one unchanged. */
const ITEMS: readonly object[] = [
  { ...EVENT, Text: "welcome", Server: "me", Cursor: "1000-me", TTL: 1e12, Expires: "2000", Count: 1 },
  { ...EVENT, Text: "created", TTL: 1e12 },
  { ...EVENT, Text: "connect", Observers: 2, People: [{ Name: "Ada", Status: "online" }], More: 1 },
  { ...EVENT, Id: "1", Type: "message", Text: "hello", Created: "2000", Name: "Ada" },
  { ...EVENT, Text: "gap", From: "2000", To: "5000" },
  { ...EVENT, Text: "expiring", Seconds: 9 },
  { ...EVENT, Text: "ended", Reason: "idle" },
  { ...EVENT, Text: "another" },
];

/** How long a client may take to handle what it has received, in milliseconds. */
const GRACE = 100;

/** The last message of a {@link HostileServer}. */
export const LAST = "the last one";

const END = { ...EVENT, Id: "2", Type: "message", Text: LAST, Created: "9000" };

/** A server whose answers have the shape of a real one's, but any value in the fields that are garbled. */
export class HostileServer implements AsyncDisposable {
  /** Resolves when it has nothing more to say, or the client has given up a connection. */
  readonly done: Promise<void>;
  private readonly garbled: Garbled;
  private readonly finish: () => void;
  private readonly server: Bun.Server<undefined>;

  constructor(given: Garbled) {
    this.garbled = given;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.finish = resolve;
    this.server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, server) => (server.upgrade(request) ? undefined : this.answer(request)),
      websocket: {
        open: (socket) => void socket.send(this.json({ Type: "welcome", Server: "me" })),
        message: (socket, data) => {
          const { Type, Ref } = JSON.parse(String(data)) as { Type: string; Ref: unknown };
          const error = { Type: "error", Ref, Code: "text_control", Text: "no", RetryAfter: 1 };
          socket.ping();
          if (Type === "message") return void socket.send(this.json(error));
          socket.send(this.json({ Type: "ack", Ref }));
          if (Type !== "subscribe") return;
          for (const item of ITEMS) socket.send(this.json(item));
          socket.send(JSON.stringify(END));
        },
        // The client has received everything; it may wait for something that was garbled.
        pong: () => void setTimeout(() => this.finish(), GRACE),
        close: () => this.finish(),
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop(true);
  }

  private answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    const header = this.garbled.get("header");
    // Headers cannot have all characters.
    const name = typeof header === "string" ? header.replaceAll(/[^ -~]/g, "?") : "me";
    const init = {
      headers: { "malten-server": name, "malten-gap": `1-${name}`, "malten-cursor": `1000-${name}` },
    };
    const body = (value: object) => new Response(this.json(value), init);
    if (request.method !== "GET" && this.garbled.has("code"))
      return new Response(this.json({ code: "internal", detail: "no" }), { ...init, status: 500 });
    if (pathname === "/limits") return body({ server: "me", text: 1, ttl: 1, rateLimit: 1, byteRate: 1 });
    if (pathname === "/presence")
      return body({ Created: "1000", Observers: 1, People: [{ Name: "A", Status: "away" }], More: 0 });
    if (pathname === "/messages") return request.method === "GET" ? this.page(init) : body(END);
    if (pathname === "/events") return this.events();
    if (request.method !== "GET") return body({ stream: "foo", private: false, ttl: 9, owner: "token" });
    const stream = { Id: "foo", Messages: null, Private: false, Updated: 1.7e18, TTL: 9e9, Observers: 1 };
    return body({ [this.garbled.has("name") ? HOSTILE : "foo"]: stream });
  }

  private page(init: ResponseInit): Response {
    return new Response(`[${this.json({ ...END, Created: "8000" })},${JSON.stringify(END)}]`, init);
  }

  private events(): Response {
    const blocks = [...ITEMS.map((item) => this.json(item)), JSON.stringify(END)];
    const body = new ReadableStream({
      start: (controller) => {
        for (const block of blocks) controller.enqueue(new TextEncoder().encode(`data:${block}\n\n`));
      },
      cancel: () => this.finish(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  private json(value: object): string {
    return JSON.stringify(this.garble(value));
  }

  /** Replaces fields of the value, but not those of what they are replaced with. */
  private garble(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.garble(item));
    if (typeof value !== "object" || value === null) return value;
    const isMessage = "Type" in value && value.Type === "message";
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => {
        // The text of an event is its name.
        const name = isMessage && key === "Text" ? "MessageText" : key;
        return [key, this.garbled.has(name) ? this.garbled.get(name) : this.garble(field)];
      }),
    );
  }
}
