import type { Counters, Transport } from "../../core/counters.ts";
import type { Histogram } from "../../core/histogram.ts";
import type { Metric, Sample } from "./exposition.ts";
import type { ProcessUsage } from "./process-usage.ts";

/** Streams in the memory of a process. */
interface KeptStreams {
  readonly streams: number;
  /** What streams and messages are charged for. */
  readonly storedBytes: number;
  /** Memory taken from the runtime for messages. */
  readonly allocatedBytes: number;
}

/** Everything that the metrics of a server show, at one moment. */
export interface MetricsSource {
  readonly version: string;
  readonly counters: Counters;
  /** Open live connections. */
  readonly connections: Readonly<Record<Transport | "poll", number>>;
  /** Streams with listeners. */
  readonly listenedStreams: number;
  /** What is kept in the memory of this process; undefined if that is elsewhere. */
  readonly kept: KeptStreams | undefined;
  /** Whether the broker is in reach. */
  readonly isReady: boolean;
  readonly limits: {
    readonly maxMemory: number;
    readonly maxConnections: number;
    readonly maxSubscriptions: number;
  };
  /** When the certificate expires, in milliseconds since 1970; undefined without TLS. */
  readonly certificateExpiresAt: number | undefined;
  readonly usage: ProcessUsage;
  /** Infinite if unlimited or unknown. */
  readonly descriptorLimit: number;
}

/** In seconds. */
const MILLISECOND = 0.001;

/** Returns all metrics. Labels have few, fixed values: never anything that a client chose. */
export function metricsOf(source: MetricsSource): Metric[] {
  const { counters, limits, usage, certificateExpiresAt, descriptorLimit } = source;
  return [
    gauge("malten_build_info", "Version of the server.", [{ labels: { version: source.version }, value: 1 }]),

    counter("malten_messages_published_total", "Messages published.", counters.published),
    histogram(
      "malten_message_length",
      "Length of published texts, escaped as JSON, in UTF-16 code units.",
      counters.textLengths,
      1,
    ),
    counter(
      "malten_messages_delivered_total",
      "Messages written to live listeners.",
      by("transport", Object.entries(counters.delivered)),
    ),
    counter("malten_gaps_total", "Gaps that live listeners were told of.", counters.gaps),
    counter("malten_requests_total", "Requests over HTTP.", counters.requests),
    counter(
      "malten_rejections_total",
      "Requests and WebSocket frames answered with an error.",
      by("code", Array.from(counters.rejected)),
    ),
    counter(
      "malten_slow_readers_closed_total",
      "Connections closed because the client did not read.",
      counters.stalled,
    ),
    counter(
      "malten_clients_blocked_total",
      "Times that a client was blocked for some seconds, because it kept connecting although it was refused.",
      counters.blocked,
    ),

    gauge(
      "malten_connections",
      "Open live connections.",
      by("transport", Object.entries(source.connections)),
    ),
    gauge("malten_connections_limit", "Limit of open connections.", limits.maxConnections),
    gauge("malten_subscriptions", "Open subscriptions.", counters.subscriptions),
    gauge("malten_subscriptions_limit", "Limit of open subscriptions.", limits.maxSubscriptions),
    gauge("malten_streams", "Streams that exist.", source.kept?.streams ?? []),
    gauge("malten_ready", "1 if streams can be reached, otherwise 0.", source.isReady ? 1 : 0),
    gauge("malten_listened_streams", "Streams with listeners.", source.listenedStreams),
    gauge("malten_stored_bytes", "Memory charged for streams and messages.", source.kept?.storedBytes ?? []),
    gauge("malten_allocated_bytes", "Memory allocated for messages.", source.kept?.allocatedBytes ?? []),
    gauge("malten_stored_bytes_limit", "Limit of the memory for streams and messages.", limits.maxMemory),

    histogram(
      "malten_flush_seconds",
      "Time to write what was published in one turn of the event loop.",
      counters.flushes,
      MILLISECOND,
    ),
    histogram(
      "malten_event_loop_delay_seconds",
      "How late a timer of one second fires.",
      counters.delays,
      MILLISECOND,
    ),
    histogram(
      "malten_collection_seconds",
      "Time of garbage collections that the server asks for, to stay within its memory.",
      counters.collections,
      MILLISECOND,
    ),
    gauge(
      "malten_certificate_expiry_timestamp_seconds",
      "When the certificate expires.",
      certificateExpiresAt === undefined ? [] : certificateExpiresAt * MILLISECOND,
    ),

    counter("process_cpu_seconds_total", "Processor time.", usage.cpu),
    gauge("process_resident_memory_bytes", "Resident memory.", usage.resident),
    gauge("process_start_time_seconds", "When the process started.", usage.startedAt),
    gauge("process_open_fds", "Open descriptors.", usage.descriptors ?? []),
    gauge(
      "process_max_fds",
      "Limit of open descriptors.",
      Number.isFinite(descriptorLimit) ? descriptorLimit : [],
    ),
    gauge("malten_heap_bytes", "Memory of JavaScript objects.", usage.heap),
  ];
}

function counter(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { type: "counter", name, help, samples: samples(value) };
}

function gauge(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { type: "gauge", name, help, samples: samples(value) };
}

/** `scale` as in {@link Metric}. */
function histogram(name: string, help: string, values: Histogram, scale: number): Metric {
  return { type: "histogram", name, help, histogram: values, scale };
}

function samples(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === "number" ? [{ value }] : value;
}

function by(label: string, values: readonly (readonly [string, number])[]): Sample[] {
  return values.map(([name, value]) => ({ labels: { [label]: name }, value }));
}
