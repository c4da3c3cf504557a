import type { Bench } from "../bench.ts";
import type { RequestsJob, RequestsResult, Target } from "../load/job.ts";
import type { Scale } from "../results.ts";
import { target, type Server } from "../servers/server.ts";

/** Options of a server whose memory is measured instead of limited. */
export const ROOMY = ["--max-memory", "8g"];

/** Messages that a server is warmed up with: its code is compiled then, and its heap as large as requests make it. */
const WARM_UP: Record<Scale, number> = { smoke: 500, quick: 20_000, full: 50_000 };

/** Publishes so many messages of 100 ASCII characters to each of the streams. */
export function fill(
  bench: Bench,
  to: Target,
  firstStream: number,
  streams: number,
  each: number,
): Promise<RequestsResult> {
  return publishUntil(bench, to, firstStream, streams, { answers: streams * each });
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

/** Publishes to a few streams until the server is warm. */
export async function warmUp(bench: Bench, server: Server): Promise<Target> {
  const to = target(server, "sse");
  const streams = 8;
  await fill(bench, to, bench.streams(streams), streams, WARM_UP[bench.scale] / streams);
  return to;
}
