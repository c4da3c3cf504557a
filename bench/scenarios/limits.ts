import type { Bench } from "../bench.ts";
import type { ServerKind } from "../servers/server.ts";
import type { Contender } from "./contenders.ts";
import { measurePublishing, PUBLISHING } from "./publishing.ts";
import type { Scenario } from "./scenario.ts";

/** All limits, with rates that the load does not reach. */
const ON = "--trust-proxy 127.0.0.1 --rate-limit 1000000 --stream-rate 1000000 --byte-rate 1g".split(" ");

/** Without rates: everyone behind the proxy is one client. */
const OFF = "--rate-limit 0".split(" ");

export const limits: Scenario = {
  name: "limits",
  title: "The cost of limits",
  description: `${PUBLISHING}, as from a proxy with 1000 clients: each request over HTTP and each WebSocket is from another one (\`X-Forwarded-For\`). Malten counts each of them (\`--trust-proxy\`), with rates that are not reached; "without rates" is \`--rate-limit 0\`.`,
  run: (bench) => measurePublishing(bench, "limits", contendersOf(bench)),
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
