import type { Bench } from "../bench.ts";
import type { Scale } from "../results.ts";
import { target, type Server, type ServerKind } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";
import type { Scenario } from "./scenario.ts";

const UNTIL: Record<Scale, { warm: number; seconds: number }> = {
  smoke: { warm: 0.1, seconds: 0.2 },
  quick: { warm: 0.5, seconds: 1 },
  full: { warm: 1, seconds: 3 },
};

const CONNECTIONS = 16;
const STREAMS = 16;

/** Requests in flight per connection: sequential, or pipelined. */
const DEPTHS = [1, 16];

/** All limits, with rates that the load does not reach. */
const ON = "--trust-proxy 127.0.0.1 --rate-limit 1000000 --stream-rate 1000000 --byte-rate 1g".split(" ");

/** Without rates: everyone behind the proxy is one client. */
const OFF = "--rate-limit 0".split(" ");

export const limits: Scenario = {
  name: "limits",
  title: "The cost of limits",
  description: `Messages of 100 bytes to ${STREAMS} streams without listeners, on ${CONNECTIONS} connections with \`depth\` requests in flight on each, as from a proxy with 1000 clients: each request over HTTP and each WebSocket is from another one (\`X-Forwarded-For\`). Malten counts each of them (\`--trust-proxy\`), with rates that are not reached; "without rates" is \`--rate-limit 0\`.`,
  run: async (bench) => {
    const contenders = contendersOf(bench);
    const kinds = contenders.map(({ kind }) => kind);
    await bench.withServers(kinds, async (servers) => {
      for (let round = 0; round < bench.rounds; round++) {
        for (const depth of DEPTHS) {
          for (const contender of contenders) {
            const server = servers.get(contender.kind);
            if (server === undefined) continue;
            await bench.attempt(`publish to ${contender.label}`, () =>
              measure(bench, server, contender, depth),
            );
          }
        }
      }
    });
  },
};

/** A baseline may have no such options: it is measured as it is. */
function contendersOf({ maltens }: Bench): Contender[] {
  const [current, ...others] = maltens;
  if (current === undefined) return [];
  const kinds = [
    withOptions(current, current.name, ON),
    withOptions(current, `${current.name} without rates`, OFF),
    ...others,
  ];
  return (["sse-forwarded", "websocket-forwarded"] as const).flatMap((protocol) =>
    kinds.map((kind) => ({
      label: `${kind.name}, ${protocol === "sse-forwarded" ? "HTTP" : "WebSocket"}`,
      kind,
      protocol,
    })),
  );
}

function withOptions(kind: ServerKind, name: string, options: readonly string[]): ServerKind {
  return { ...kind, name, start: (more = []) => kind.start([...options, ...more]) };
}

async function measure(bench: Bench, server: Server, contender: Contender, depth: number): Promise<void> {
  const result = await bench.load({
    kind: "requests",
    target: target(server, contender.protocol),
    request: "publish",
    connections: CONNECTIONS,
    depth,
    textSize: 100,
    firstStream: bench.reserveStreams(STREAMS),
    streams: STREAMS,
    until: UNTIL[bench.scale],
  });
  bench.recorder.add(
    "limits",
    contender.label,
    { depth },
    {
      "responses per CPU-s": result.responses / result.cpu,
      "responses per s": result.responses / result.seconds,
      "load CPU %": (result.loadCpu / result.seconds) * 100,
    },
  );
}
