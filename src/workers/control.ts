import type { ServerLimits } from "../server/http/request-context.ts";
import type { LimitsUse } from "../server/limits/client-ledger.ts";
import type { LogFormat } from "../server/log.ts";
import type { Certificate } from "../server/tls/certificate.ts";
import type { WorkerReport } from "./reports.ts";

/** What a worker needs to know to serve clients. */
export interface WorkerSettings {
  /** See `Broker.server`. */
  readonly server: string;
  readonly port: number;
  /** Address to listen on; absent: all. */
  readonly host?: string | undefined;
  /** Absent: plain HTTP. */
  readonly certificate?: Certificate | undefined;
  readonly limits: ServerLimits;
  /** The number of workers, which share the memory for what clients have open. */
  readonly workers: number;
  readonly logFormat: LogFormat;
  readonly allowCoreDumps: boolean;
}

/** What the main process asks a worker to do. */
export type Order =
  | { readonly type: "start"; readonly settings: WorkerSettings }
  | { readonly type: "certificate"; readonly certificate: Certificate }
  /** Answered with a `report`: a worker that does not answer hangs. */
  | { readonly type: "report" }
  /** What clients used in the other workers. */
  | { readonly type: "limits"; readonly use: LimitsUse }
  /** Send the listeners away and exit. */
  | { readonly type: "stop" };

/** What a worker tells the main process. */
export type Notice =
  | { readonly type: "listening" }
  /** It cannot listen. `code`: of the system, such as EADDRINUSE. */
  | { readonly type: "failed"; readonly code: string }
  | { readonly type: "limits"; readonly use: LimitsUse }
  | { readonly type: "report"; readonly report: WorkerReport };

/** Reads an order. Both processes are of one version. */
export function parseOrder(json: string): Order {
  const order: unknown = JSON.parse(json);
  if (!isOrder(order)) throw malformed();
  return order;
}

/** Reads a notice. Both processes are of one version. */
export function parseNotice(json: string): Notice {
  const notice: unknown = JSON.parse(json);
  if (!isNotice(notice)) throw malformed();
  return notice;
}

function isOrder(value: unknown): value is Order {
  return isControl(value);
}

function isNotice(value: unknown): value is Notice {
  return isControl(value);
}

function isControl(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value;
}

function malformed(): Error {
  return new Error("malformed control frame");
}
