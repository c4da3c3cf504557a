import type { Bench } from "../bench.ts";
import { redis } from "../peers/redis.ts";
import type { ServerKind } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";
import { measureFanout } from "./fanout.ts";
import { measurePublishing, PUBLISHING } from "./publishing.ts";
import type { Scenario } from "./scenario.ts";

export const valkey: Scenario = {
  name: "valkey",
  title: "Through Valkey",
  description: `${PUBLISHING}, and one publisher with \`window\` messages in flight to all listeners of one stream, with streams in the memory of Malten and in a redis-server on the same machine. CPU time is that of Malten alone.`,
  run: async (bench) => {
    const sockets = contendersOf(bench, "websocket");
    // The runtime does not pipeline answers that it has to wait for.
    await measurePublishing(bench, "valkey", contendersOf(bench, "sse"), undefined, [1]);
    await measurePublishing(bench, "valkey", sockets);
    await measureFanout(bench, "valkey", sockets);
  },
};

function contendersOf({ maltens }: Bench, protocol: "sse" | "websocket"): Contender[] {
  const kinds = redis.version() === undefined ? maltens : maltens.flatMap((kind) => [kind, onEngine(kind)]);
  return kinds.map((kind) => ({
    label: `${kind.name}, ${protocol === "sse" ? "HTTP" : "WebSocket"}`,
    kind,
    protocol,
  }));
}

/** Starts an engine with each server. */
function onEngine(kind: ServerKind): ServerKind {
  return {
    name: `${kind.name} on Valkey`,
    version: () => kind.version(),
    start: async (options = []) => {
      const engine = await redis.start();
      const server = await kind.start([...options, "--valkey-url", `redis://127.0.0.1:${engine.port}`]);
      const ready = `http://127.0.0.1:${server.port}/ready`;
      while ((await fetch(ready)).status !== 200) await Bun.sleep(20);
      return {
        port: server.port,
        pid: server.pid,
        stop: async () => {
          await server.stop();
          await engine.stop();
        },
      };
    },
  };
}
