import { upgrade } from "../../load/websocket.ts";
import type { Attack, AttackContext } from "../attack.ts";
import { ofConnection } from "../clients.ts";
import { flood } from "../flood.ts";
import { frame } from "../frames.ts";
import { hold, holdAndUse, type HeldConnection } from "../hold.ts";
import { ASCII, EMOJI, longName, publish, request } from "../requests.ts";

/** Messages that a stream keeps. */
const FULL = 1024;

/** Pages of 4 MB are read by fewer connections than others. */
const PAGE_READERS = 4096;

const PAGE = "/messages?stream=full&limit=1024";

/** Publishes to one stream without an address, as the operator of the machine may, until it is full. */
async function fill(context: AttackContext, text: string): Promise<void> {
  await flood(context, { connections: 4, count: FULL, request: () => publish("full", text, "") });
}

/** Publishes long texts to one stream all the time. */
function feed(context: AttackContext): Promise<void> {
  return flood(context, { connections: 4, depth: 1, request: () => publish("full", ASCII, "") });
}

/** Connections that begin to read an answer and stop. */
function unread(context: AttackContext, target: string, headers = ""): Promise<void> {
  return hold(context, {
    count: PAGE_READERS,
    reading: false,
    opening: (number) => request("GET", target, ofConnection(context, number) + headers),
  });
}

/** Frames that publish, for a WebSocket whose acks are not read. */
const PUBLISHES = Buffer.concat(
  Array.from({ length: 64 }, (_, index) =>
    frame(JSON.stringify({ Type: "message", Stream: "acks", Text: "x", Ref: index })),
  ),
);

/** Frames that ask for a replay. */
const REPLAYS = Buffer.concat(
  Array.from({ length: 16 }, (_, index) =>
    frame(JSON.stringify({ Type: "subscribe", Stream: "full", Last: "earliest", Ref: index })),
  ),
);

const SSE = "Accept: text/event-stream\r\n";

export const readers: readonly Attack[] = [
  {
    name: "unread-pages",
    what: "pages of 4 MB that nobody reads",
    run: async (context) => {
      await fill(context, EMOJI);
      await unread(context, PAGE);
    },
  },
  {
    name: "trickled-pages",
    what: "pages of 4 MB that are read a little every second",
    run: async (context) => {
      await fill(context, EMOJI);
      const options = {
        count: 300,
        reading: false,
        opening: (number: number) => request("GET", PAGE, ofConnection(context, number)),
        received: (connection: HeldConnection) => connection.stall(),
      };
      await holdAndUse(context, options, 1000, (connection) => connection.resume());
    },
  },
  {
    name: "unread-listings",
    what: "listings of 1,000 streams that nobody reads",
    run: async (context) => {
      await flood(context, {
        connections: 4,
        count: 1000,
        request: (number) => request("POST", `/streams?stream=${longName("u", number)}&ttl=60`, ""),
      });
      await unread(context, "/streams");
    },
  },
  {
    name: "unread-replays",
    what: "server-sent events of a full stream from its beginning that nobody reads",
    run: async (context) => {
      await fill(context, EMOJI);
      await unread(context, "/events?stream=full&last=earliest", SSE);
    },
  },
  {
    name: "websocket-replays",
    what: "WebSockets that ask for a full stream from its beginning again and again, and read it",
    run: async (context) => {
      await fill(context, EMOJI);
      const options = {
        count: 256,
        opening: (number: number) => upgrade("?subscribe=false", ofConnection(context, number)),
        item: '"Type":"ack"',
      };
      await holdAndUse(context, options, 100, (connection) => {
        if (connection.idle) connection.send(REPLAYS);
      });
    },
  },
  {
    name: "unread-events",
    what: "server-sent events of a busy stream that nobody reads",
    run: async (context) => {
      await Promise.all([unread(context, "/events?stream=full", SSE), feed(context)]);
    },
  },
  {
    name: "unread-websockets",
    what: "WebSockets of a busy stream that nobody reads",
    run: async (context) => {
      await Promise.all([
        hold(context, {
          count: PAGE_READERS,
          reading: false,
          opening: (number) => upgrade("?stream=full", ofConnection(context, number)),
        }),
        feed(context),
      ]);
    },
  },
  {
    name: "unread-acks",
    what: "WebSockets that publish and do not read the acks",
    run: (context) => {
      const options = {
        count: PAGE_READERS,
        reading: false,
        opening: (number: number) => upgrade("?subscribe=false", ofConnection(context, number)),
      };
      return holdAndUse(context, options, 50, (connection) => {
        if (connection.idle) connection.send(PUBLISHES);
      });
    },
  },
  {
    name: "unread-pipelines",
    what: "requests for pages that are sent one after the other and never read",
    run: async (context) => {
      await fill(context, EMOJI);
      const ask = (number: number) => request("GET", PAGE, ofConnection(context, number));
      await holdAndUse(context, { count: 256, reading: false, opening: ask }, 50, (connection) => {
        if (connection.idle) connection.send(ask(connection.number).repeat(100));
      });
    },
  },
];
