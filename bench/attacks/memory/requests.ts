import type { Attack, AttackContext } from "../attack.ts";
import { ofConnection } from "../clients.ts";
import { flood } from "../flood.ts";
import { hold, type HeldConnection } from "../hold.ts";
import { longName, request } from "../requests.ts";
import { repeat } from "../wait.ts";

/** Bytes of an upload before its last one. */
const UPLOAD = 60_000;

/** A cursor later than any clock. */
const FUTURE = "9999999999999999999";

function upload(context: AttackContext, number: number, sent: number): string {
  return (
    `POST /messages?stream=b HTTP/1.1\r\nHost: localhost\r\n${ofConnection(context, number)}` +
    `Content-Type: text/plain\r\nContent-Length: ${UPLOAD + 1}\r\n\r\n${"x".repeat(sent)}`
  );
}

export const requests: readonly Attack[] = [
  {
    name: "polls",
    what: "long polls of streams that do not exist",
    run: (context) =>
      hold(context, {
        opening: (number) =>
          request("GET", `/messages?stream=${longName("l", number)}&wait=60`, ofConnection(context, number)),
      }),
  },
  {
    name: "future-polls",
    what: "long polls with a future cursor on a stream that receives messages",
    run: async (context) => {
      await Promise.all([
        hold(context, {
          opening: (number) =>
            request("GET", `/messages?stream=busy&wait=60&last=${FUTURE}`, ofConnection(context, number)),
        }),
        repeat(100, context.signal, () => {
          void fetch(`http://127.0.0.1:${context.port}/messages?stream=busy&text=x`, {
            method: "POST",
          }).catch(() => {});
        }),
      ]);
    },
  },
  {
    name: "half-headers",
    what: "requests that end within a header of 12 kB",
    run: (context) =>
      hold(context, {
        opening: (number) =>
          `GET /health HTTP/1.1\r\nHost: localhost\r\n${ofConnection(context, number)}X-Pad: ${"x".repeat(12_000)}`,
      }),
  },
  {
    name: "half-bodies",
    what: "uploads of 60 kB without their last byte",
    run: (context) => hold(context, { opening: (number) => upload(context, number, UPLOAD) }),
  },
  {
    name: "slow-bodies",
    what: "uploads that send 1 kB every second",
    run: async (context) => {
      const open: { connection: HeldConnection; left: number }[] = [];
      const more = "x".repeat(1000);
      await Promise.all([
        hold(context, {
          opening: (number) => upload(context, number, 0),
          connected: (connection) => open.push({ connection, left: UPLOAD }),
        }),
        repeat(1000, context.signal, () => {
          for (const entry of open) {
            if (entry.left <= 0 || !entry.connection.idle) continue;
            entry.left -= more.length;
            entry.connection.send(more);
          }
        }),
      ]);
    },
  },
  {
    name: "addresses",
    what: "addresses of clients: each request comes from another one",
    run: (context) =>
      flood(context, {
        request: (number) => request("POST", "/messages?stream=a&text=x", context.forwarded(number)),
      }),
  },
];
