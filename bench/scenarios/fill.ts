import type { Bench } from "../bench.ts";
import type { RequestsJob, RequestsResult, Target } from "../load/job.ts";
import type { Scale } from "../results.ts";
import { target, type Server } from "../servers/server.ts";

/** Options for measuring a server's memory without reaching its limit. */
export const LARGE_MEMORY = ["--max-memory", "8g"];

/** Messages published for warm-up: after them, code is compiled and the heap has grown to what requests need. */
const WARM_UP: Record<Scale, number> = { smoke: 500, quick: 20_000, full: 50_000 };

/** Publishes `each` messages of 100 ASCII characters to each of the streams. */
export function fill(
  bench: Bench,
  to: Target,
  firstStream: number,
  streams: number,
  each: number,
): Promise<RequestsResult> {
  return publishUntil(bench, to, firstStream, streams, { responses: streams * each });
}

/** Publishes messages of 100 ASCII characters to the streams in turn. */
export function publishUntil(
  bench: Bench,
  to: Target,
  firstStream: number,
  streams: number,
  until: RequestsJob["until"],
): Promise<RequestsResult> {
  return bench.load({
    kind: "requests",
    target: to,
    request: "publish",
    connections: 8,
    depth: 16,
    textSize: 100,
    firstStream,
    streams,
    until,
  });
}

/** Warms a server up by publishing to a few streams. */
export async function warmUp(bench: Bench, server: Server): Promise<Target> {
  const to = target(server, "sse");
  const streams = 8;
  await fill(bench, to, bench.reserveStreams(streams), streams, WARM_UP[bench.scale] / streams);
  return to;
}
