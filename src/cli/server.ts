import { Malten, MaltenError, type Limits } from "../client/index.ts";
import { looksLikeLink } from "../crypto/looks-like-link.ts";
import { InvalidValue, UsageError } from "../options/errors.ts";
import type { Option } from "../options/option.ts";
import { isName } from "../protocol/name.ts";
import { EXIT, Failure } from "./failure.ts";

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

const TRUST = "To trust it, set NODE_EXTRA_CA_CERTS to a PEM file that contains it";
const TRUST_ISSUER =
  "To trust its issuer, set NODE_EXTRA_CA_CERTS to a PEM file with the issuer's certificate";

/** What is wrong with a certificate, and what to do, by the code of the runtime. */
const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `is self-signed. ${TRUST}`,
  SELF_SIGNED_CERT_IN_CHAIN: `has an unknown issuer. ${TRUST_ISSUER}`,
  UNABLE_TO_GET_ISSUER_CERT: `has an unknown issuer. ${TRUST_ISSUER}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `has an unknown issuer. ${TRUST_ISSUER}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `has an unknown issuer. ${TRUST_ISSUER}`,
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet. Check the clock of this machine",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name",
};

/** A server that has answered. */
export interface Server {
  readonly malten: Malten;
  readonly limits: Limits;
}

/** Returns a client once the server has answered. @throws Failure if it is unreachable, or MaltenError */
export async function connect(url: URL, signal: AbortSignal): Promise<Server> {
  const malten = new Malten(url);
  try {
    return { malten, limits: await malten.limits(signal) };
  } catch (error) {
    if (!(error instanceof MaltenError) || error.retryAfter !== undefined) throw error;
    if (error.code !== "bad_response" && !error.transient) throw error;
    throw new Failure(problemOf(url, error), { exitCode: EXIT.unreachable, cause: error });
  }
}

/** Checks a stream name. @throws UsageError */
export function streamName(given: string): string {
  if (isName(given)) return given;
  // A variable can have it, too. It is not repeated.
  if (looksLikeLink(given))
    throw new UsageError("this is the link of an encrypted stream, not a stream name");
  throw new UsageError(
    `invalid stream name ${JSON.stringify(given)}: use 1 to 64 characters of A-Z a-z 0-9 . _ ~ -`,
  );
}

/** Describes why no Malten server answers at this address. */
function problemOf({ origin }: URL, error: MaltenError): string {
  if (error.code === "bad_response") return `${origin} is not a Malten server`;
  const certificate = CERTIFICATE_PROBLEMS[systemCode(error) ?? ""];
  if (certificate !== undefined) return `the certificate of ${origin} ${certificate}`;
  return `cannot reach ${origin} (${reasonOf(error)}). Is the server running? Start it with: malten`;
}

function reasonOf(error: MaltenError): string {
  if (error.code === "timeout") return "timed out";
  return REASONS[systemCode(error) ?? ""] ?? "no connection";
}

function systemCode({ cause }: MaltenError): string | undefined {
  const code = cause instanceof Error && "code" in cause ? cause.code : cause;
  return typeof code === "string" ? code : undefined;
}
