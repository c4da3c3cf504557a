import type { Bench } from "../bench.ts";
import type { ServerKind } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";
import { measureFanout } from "./fanout.ts";
import { measurePublishing, PUBLISHING } from "./publishing.ts";
import type { Scenario } from "./scenario.ts";

export const workers: Scenario = {
  name: "workers",
  title: "Workers",
  description: `${PUBLISHING}, and one publisher with \`window\` messages in flight to all listeners of one stream, in one process and with \`--workers 2\`. CPU time is that of all processes, which have one core together: this shows what workers cost, not how fast they are.`,
  run: async (bench) => {
    const sockets = contendersOf(bench, "websocket");
    // The runtime does not pipeline answers that it has to wait for.
    await measurePublishing(bench, "workers", contendersOf(bench, "sse"), undefined, [1]);
    await measurePublishing(bench, "workers", sockets);
    await measureFanout(bench, "workers", sockets);
  },
};

function contendersOf({ maltens }: Bench, protocol: "sse" | "websocket"): Contender[] {
  const kinds = maltens.flatMap((kind) => [kind, withWorkers(kind)]);
  return kinds.map((kind) => ({
    label: `${kind.name}, ${protocol === "sse" ? "HTTP" : "WebSocket"}`,
    kind,
    protocol,
  }));
}

function withWorkers(kind: ServerKind): ServerKind {
  return {
    ...kind,
    name: `${kind.name} with two workers`,
    start: (options = []) => kind.start([...options, "--workers", "2"]),
  };
}
