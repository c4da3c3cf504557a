import { envelope, sealedStream, type SealedStream } from "../../../test-support/access-tokens.ts";
import { upgrade } from "../../load/websocket.ts";
import type { Attack, AttackContext } from "../attack.ts";
import { ofConnection, ofRequest } from "../clients.ts";
import { flood } from "../flood.ts";
import { frame } from "../frames.ts";
import { hold, holdAndUse } from "../hold.ts";
import { publish, request } from "../requests.ts";

/** Streams that share the envelopes. */
const STREAMS = 1024;

/** Messages that a stream keeps. */
const FULL = 1024;

/** Subscriptions that a WebSocket may have. */
const SUBSCRIPTIONS = 256;

const LONGEST = envelope(8192);
const LONGEST_NAME = 1536;

function manyStreams(): (number: number) => SealedStream {
  const streams = Array.from({ length: STREAMS }, sealedStream);
  return (number) => streams[number % STREAMS] ?? sealedStream();
}

function bearer(token: string): string {
  return `Authorization: Bearer ${token}\r\n`;
}

function publishTo({ name, tokens }: SealedStream, headers: string): Buffer {
  return publish(name, LONGEST, headers + bearer(tokens.writer));
}

/** Names of 1,536 characters on WebSockets with as many subscriptions as they may have. */
function namedSubscriptions(context: AttackContext): Promise<void> {
  const stream = manyStreams();
  return hold(context, {
    opening: (number) => upgrade("?subscribe=false", ofConnection(context, number)),
    item: '"Type":"ack"',
    opened(connection) {
      const frames = Array.from({ length: SUBSCRIPTIONS }, (_, index) => {
        const { name, tokens } = stream(index);
        const Name = `~1.${connection.number}-${index}-`.padEnd(LONGEST_NAME, "n");
        return frame(
          JSON.stringify({ Type: "subscribe", Stream: name, Name, Access: tokens.reader, Ref: index }),
        );
      });
      connection.send(Buffer.concat(frames));
    },
  });
}

/** Connections that change their names, each on a stream of its own, and names of one write. */
const CHANGERS = 4096;
const CHANGES = 10;

/** Changes names of 1,536 characters, each of which is kept until it is announced. */
function changeNames(context: AttackContext): Promise<void> {
  const streams = Array.from({ length: CHANGERS }, () => sealedStream());
  const streamOf = (number: number) => streams[number % CHANGERS] ?? sealedStream();
  let changes = 0;
  const options = {
    count: CHANGERS,
    opening: (number: number) => {
      const { name, tokens } = streamOf(number);
      return upgrade(`?stream=${name}`, ofConnection(context, number) + bearer(tokens.reader));
    },
    item: '"Type":"ack"',
  };
  return holdAndUse(context, options, 1000, (connection) => {
    if (!connection.idle) return;
    const { tokens } = streamOf(connection.number);
    const frames = Array.from({ length: CHANGES }, () => {
      const Name = `~1.${changes++}-`.padEnd(LONGEST_NAME, "n");
      return frame(JSON.stringify({ Type: "presence", Name, Access: tokens.reader, Ref: 1 }));
    });
    connection.send(Buffer.concat(frames));
  });
}

/** What sealed streams allow beyond others: longer texts, longer names, and proofs to be checked. */
export const sealed: readonly Attack[] = [
  {
    name: "envelopes",
    what: "envelopes of 8,192 characters in many sealed streams",
    run(context) {
      const stream = manyStreams();
      return flood(context, {
        request: (number) => publishTo(stream(number), ofRequest(context, number)),
      });
    },
  },
  {
    name: "unread-envelopes",
    what: "pages of 8 MB of envelopes that nobody reads",
    async run(context) {
      const stream = sealedStream();
      await flood(context, { connections: 4, count: FULL, request: () => publishTo(stream, "") });
      await hold(context, {
        count: 4096,
        reading: false,
        opening: (number) =>
          request(
            "GET",
            `/messages?stream=${stream.name}&limit=${FULL}`,
            ofConnection(context, number) + bearer(stream.tokens.reader),
          ),
      });
    },
  },
  {
    name: "sealed-presence",
    what: "WebSockets with 256 subscriptions each to sealed streams, with names of 1,536 characters",
    run: namedSubscriptions,
  },
  {
    name: "sealed-presence-changes",
    what: "WebSockets that change names of 1,536 characters on sealed streams all the time",
    run: changeNames,
  },
  {
    name: "wrong-proofs",
    refusal: "not_found",
    what: "requests to sealed streams, every second one with the token of another stream",
    run(context) {
      const stream = manyStreams();
      return flood(context, {
        request: (number) =>
          request(
            "GET",
            `/messages?stream=${stream(number).name}`,
            ofRequest(context, number) + bearer(stream(number + (number % 2)).tokens.owner),
          ),
      });
    },
  },
];
