import type { Attack, AttackContext } from "../attack.ts";
import { ofRequest } from "../clients.ts";
import { flood } from "../flood.ts";
import { ASCII, EMOJI, longName, publish, request } from "../requests.ts";

/** Streams that share the texts where there are many. */
const STREAMS = 4096;

/** Seconds. */
const SHORT_TTL = 6;
const LONG_TTL = 604_800;

function texts(name: string, what: string, count: number, text: string): Attack {
  return {
    name,
    what,
    run: (context) =>
      flood(context, {
        request: (number) => publish(`t${number % count}`, text, ofRequest(context, number)),
      }),
  };
}

export const stored: readonly Attack[] = [
  texts("ascii", "texts of 1024 ASCII characters in many streams", STREAMS, ASCII),
  texts("ascii-one-stream", "texts of 1024 ASCII characters in one stream", 1, ASCII),
  texts("emoji", "texts of 1024 emoji in many streams", STREAMS, EMOJI),
  texts("emoji-one-stream", "texts of 1024 emoji in one stream", 1, EMOJI),
  texts("short-texts", "texts of one character in many streams", STREAMS, "x"),
  {
    name: "refs",
    what: "texts of one character with refs of 64 characters",
    run: (context) =>
      flood(context, {
        request: (number) =>
          request(
            "POST",
            `/messages?stream=r${number % STREAMS}&text=x&ref=${longName("r", number)}`,
            ofRequest(context, number),
          ),
      }),
  },
  {
    name: "fragmentation",
    what: "256 streams that live long, with one message each between messages of streams that live shortly",
    run: async (context) => {
      await create(context, "long", 256, LONG_TTL);
      await create(context, "short", 256, SHORT_TTL);
      await flood(context, {
        connections: 1,
        request: (number) => {
          const turn = Math.floor(number / 32) % 256;
          const stream = number % 32 === 0 ? `long${turn}` : `short${turn}`;
          return publish(stream, EMOJI, ofRequest(context, number));
        },
      });
    },
  },
];

/** Creates streams without an address, as a program on the server's machine may. */
function create(context: AttackContext, prefix: string, count: number, ttl: number): Promise<void> {
  return flood(context, {
    connections: 1,
    count,
    request: (number) => request("POST", `/streams?stream=${prefix}${number}&ttl=${ttl}`, ""),
  });
}
