import { upgrade } from "../../load/websocket.ts";
import type { Attack, AttackContext } from "../attack.ts";
import { ofConnection } from "../clients.ts";
import { frame } from "../frames.ts";
import { hold, holdAndUse, type HeldConnection } from "../hold.ts";
import { longName, request } from "../requests.ts";

const SUBSCRIPTIONS = 256;

const ACK = '"Type":"ack"';

/** A TLS record of the greatest length that begins a handshake (RFC 8446 §4, §5.1), without its end. */
const HALF_RECORD = Buffer.concat([
  Buffer.from([0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3f, 0xfc]),
  Buffer.alloc(12_000),
]);

function listen(name: string, what: string, accept: string): Attack {
  return {
    name,
    what,
    run: (context) =>
      hold(context, {
        opening: (number) =>
          request(
            "GET",
            `/events?stream=${longName("l", number)}`,
            `${ofConnection(context, number)}Accept: ${accept}\r\n`,
          ),
      }),
  };
}

/** The longest name in a presence list, which begins with `start`. */
function longPerson(start: string): string {
  return start + "😀".repeat(32 - start.length);
}

/** WebSockets that send frames about as many streams as they may. */
function socketFrames(
  context: AttackContext,
  opened: (connection: HeldConnection, stream: (index: number) => string) => void,
): Promise<void> {
  return hold(context, {
    opening: (number) => upgrade("?subscribe=false", ofConnection(context, number)),
    item: ACK,
    opened: (connection) =>
      opened(connection, (index) => longName("u", connection.number * SUBSCRIPTIONS + index)),
  });
}

export const connections: readonly Attack[] = [
  {
    name: "idle-connections",
    what: "connections without a request",
    run: (context) => hold(context, { opening: () => "" }),
  },
  {
    name: "half-handshakes",
    what: "TLS handshakes that end within a record of 16 kB",
    tls: true,
    run: (context) => hold(context, { opening: () => HALF_RECORD }),
  },
  {
    name: "idle-websockets",
    what: "WebSockets, each subscribed to a stream that does not exist",
    run: (context) =>
      hold(context, {
        opening: (number) => upgrade(`?stream=${longName("l", number)}`, ofConnection(context, number)),
      }),
  },
  listen("idle-sse", "server-sent events of streams that do not exist", "text/event-stream"),
  listen("idle-ndjson", "NDJSON of streams that do not exist", "application/x-ndjson"),
  {
    name: "long-query-websockets",
    what: "WebSockets opened with 12 kB of other parameters",
    run: (context) =>
      hold(context, {
        opening: (number) =>
          upgrade(
            `?stream=${longName("l", number)}&pad=${"x".repeat(12_000)}`,
            ofConnection(context, number),
          ),
      }),
  },
  {
    name: "subscriptions",
    what: "WebSockets with 256 subscriptions each, to streams that do not exist",
    run: (context) =>
      socketFrames(context, (connection, stream) => {
        const frames = Array.from({ length: SUBSCRIPTIONS }, (_, index) =>
          frame(JSON.stringify({ Type: "subscribe", Stream: stream(index), Ref: index })),
        );
        connection.send(Buffer.concat(frames));
      }),
  },
  {
    name: "presence",
    what: "WebSockets with 256 named subscriptions each, to one stream in turn",
    run: (context) =>
      socketFrames(context, (connection) => {
        const frames = Array.from({ length: SUBSCRIPTIONS }, (_, index) =>
          frame(
            JSON.stringify({
              Type: "subscribe",
              Stream: longName("p", index),
              Name: longPerson(`${connection.number}-${index}`),
              Status: "typing",
              Ref: index,
            }),
          ),
        );
        connection.send(Buffer.concat(frames));
      }),
  },
  {
    name: "presence-changes",
    what: "WebSockets that change their name and status all the time",
    run: (context) => {
      const options = {
        count: 512,
        opening: (number: number) => upgrade("?stream=changes", ofConnection(context, number)),
        item: ACK,
      };
      let changes = 0;
      return holdAndUse(context, options, 10, (connection) => {
        if (!connection.idle) return;
        const Name = `${connection.number}-${changes++}`.padEnd(24, "n");
        connection.send(frame(JSON.stringify({ Type: "presence", Name, Status: "away", Ref: 1 })));
      });
    },
  },
  {
    name: "websocket-fragments",
    what: "WebSocket messages of 15 kB in fragments, without the last one",
    run: (context) =>
      hold(context, {
        opening: (number) => upgrade("?subscribe=false", ofConnection(context, number)),
        opened: (connection) => {
          const part = "x".repeat(2500);
          connection.send(frame(part, { last: false }));
          for (let i = 0; i < 5; i++) connection.send(frame(part, { opcode: "continuation", last: false }));
        },
      }),
  },
  {
    name: "churn",
    what: "listeners that connect and disconnect",
    run: async (context) => {
      await hold(context, {
        count: 512,
        opening: (number) =>
          request("GET", `/events?stream=${longName("c", number % 1000)}`, context.forwarded(number / 4)),
        opened: (connection) => {
          context.tally.items++;
          connection.drop();
        },
      });
    },
  },
];
