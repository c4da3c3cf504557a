import { Problem } from "../../protocol/problem.ts";

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
  check({ headers }: Request): void {
    const origin = headers.get("origin");
    if (this.allowed === undefined || origin === null || this.allowed.has(origin)) return;
    // Only the host is compared: behind a proxy that speaks TLS, the scheme of the request is not the page's.
    const host = headers.get("host");
    if (host !== null && (origin === `https://${host}` || origin === `http://${host}`)) return;
    throw new Problem(
      "origin_not_allowed",
      "Pages of this origin may not use this server. Its operator can allow them with --allow-origin or MALTEN_ALLOW_ORIGIN",
    );
  }

  /** Names the allowed origin of a checked request in its response, instead of all (Fetch §3.2). */
  restrict({ headers }: Request, response: Response): void {
    response.headers.append("vary", "origin");
    const origin = headers.get("origin");
    if (origin === null) response.headers.delete("access-control-allow-origin");
    else response.headers.set("access-control-allow-origin", origin);
  }
}
