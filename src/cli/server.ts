import { Malten, MaltenError, type Limits } from "../client/index.ts";
import { InvalidValue, UsageError } from "../options/errors.ts";
import type { Option } from "../options/option.ts";
import { isName } from "../protocol/name.ts";
import { Unreachable } from "./failure.ts";

/** `--server` */
export const SERVER: Option<URL> = {
  name: "server",
  value: "URL",
  help: "server to use",
  default: "http://localhost:9090",
  read(given = "") {
    const url = URL.parse(given.includes("://") ? given : `http://${given}`);
    if (url?.protocol === "http:" || url?.protocol === "https:") return url;
    throw new InvalidValue("an address like http://localhost:9090");
  },
};

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "host not found",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "timed out",
};

/** A server that has answered. */
export interface Server {
  readonly malten: Malten;
  readonly limits: Limits;
}

/** Returns a client once the server has answered. @throws Unreachable, or MaltenError if the server asks to try again later */
export async function connect(url: URL, signal: AbortSignal): Promise<Server> {
  const malten = new Malten(url);
  try {
    return { malten, limits: await malten.limits(signal) };
  } catch (error) {
    if (!(error instanceof MaltenError) || error.retryAfter !== undefined) throw error;
    if (error.code === "bad_response")
      throw new Unreachable(`${url.origin} is not a Malten server`, { cause: error });
    if (!error.transient) throw error;
    throw new Unreachable(
      `cannot reach ${url.origin} (${reasonOf(error)}). Is the server running? Start it with: malten`,
      { cause: error },
    );
  }
}

/** Checks a stream name. @throws UsageError */
export function streamName(given: string): string {
  if (isName(given)) return given;
  throw new UsageError(
    `invalid stream name ${JSON.stringify(given)}: use 1 to 64 characters of A-Z a-z 0-9 . _ ~ -`,
  );
}

function reasonOf({ code, cause }: MaltenError): string {
  if (code === "timeout") return "timed out";
  const system = cause instanceof Error && "code" in cause ? cause.code : cause;
  return (typeof system === "string" ? REASONS[system] : undefined) ?? "no connection";
}
