import { Problem } from "../../protocol/problem.ts";

/** Which origin a response may name, if any. */
export interface OriginAccess {
  readonly origin: string | null;
  readonly isAllowed: boolean;
}

const ALLOW_ORIGIN = "access-control-allow-origin";

/**
 * The origins whose pages may use the server (RFC 6454), if the operator restricts them. The server's own page always may. Other
 * programs send no Origin and are not affected.
 */
export class AllowedOrigins {
  private readonly allowed: ReadonlySet<string> | undefined;

  /** @param allowed undefined: all */
  constructor(allowed: readonly string[] | undefined) {
    this.allowed = allowed === undefined ? undefined : new Set(allowed);
  }

  /** Whether any page may use the server. */
  get includesAll(): boolean {
    return this.allowed === undefined;
  }

  /** @throws Problem `origin_not_allowed` */
  check(request: Request): void {
    if (this.includesAll || this.accessOf(request).isAllowed) return;
    throw new Problem(
      "origin_not_allowed",
      "Pages of this origin may not use this server. Its operator can allow them with --allow-origin or MALTEN_ALLOW_ORIGIN",
    );
  }

  accessOf({ headers }: Request): OriginAccess {
    const origin = headers.get("origin");
    return { origin, isAllowed: origin === null || this.allows(origin, headers.get("host")) };
  }

  /** Names the origin of the request in a response that named all of them (Fetch §3.2), or none if it is not allowed. */
  restrict(response: Response | undefined, { origin, isAllowed }: OriginAccess): Response | undefined {
    if (response === undefined || !response.headers.has(ALLOW_ORIGIN)) return response;
    response.headers.append("vary", "origin");
    if (isAllowed && origin !== null) response.headers.set(ALLOW_ORIGIN, origin);
    else response.headers.delete(ALLOW_ORIGIN);
    return response;
  }

  private allows(origin: string, host: string | null): boolean {
    if (this.allowed === undefined || this.allowed.has(origin)) return true;
    // Only the host is compared: behind a proxy that speaks TLS, the scheme of the request is not the page's.
    return host !== null && (origin === `https://${host}` || origin === `http://${host}`);
  }
}
