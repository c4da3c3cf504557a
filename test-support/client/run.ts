// The suite's entry in each runtime: a bundle of this runs in Bun, Node, Deno and a browser.
import type { TransportName } from "../../src/client/index.ts";
import { CASES } from "./suite.ts";
import { World } from "./world.ts";

/** Time limit of a case, in milliseconds. None waits for more than a few seconds. */
const TIME_LIMIT = 30_000;

const control =
  "location" in globalThis && "document" in globalThis
    ? new URL(import.meta.url).origin
    : ((globalThis as { process?: { argv: string[] } }).process?.argv[2] ?? "");

async function post(path: string, value?: object): Promise<string> {
  const response = await fetch(`${control}/${path}`, {
    method: "POST",
    body: value === undefined ? null : JSON.stringify(value),
  });
  return response.text();
}

async function attempt(run: (world: World) => Promise<void>, world: World): Promise<string | void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`took longer than ${TIME_LIMIT / 1000} s`), TIME_LIMIT);
  });
  const outcome = run(world).then(
    () => {},
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

const url = JSON.parse(await post("world")) as string;
const transports: TransportName[] = ["websocket", "sse", "poll"];
for (const transport of transports) {
  if (transport === "websocket" && !("WebSocket" in globalThis)) continue;
  for (const [name, run] of Object.entries(CASES)) {
    const began = Date.now();
    const error = await attempt(run, new World(control, url, transport));
    await post("result", { name: `${transport}: ${name}`, error, took: Date.now() - began });
    await post("unblock");
    await post("filter/nothing");
  }
}
await post("done");
