import type { ProblemDetails } from "../protocol/problem.ts";
import { decode } from "./decode.ts";
import { MaltenError } from "./error.ts";

/** Default timeout of a request, in milliseconds. */
const TIMEOUT = 15_000;

/** The parameters of a request. Undefined ones are left out. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Record<string, string>;
  /** Timeout in milliseconds. Defaults to 15,000. */
  readonly timeout?: number | undefined;
}

/** An answer with its whole body. */
export interface Answer {
  readonly headers: Headers;
  readonly body: string;
}

/** The proof of a right to a sealed stream. */
export interface Access {
  readonly right: "owner" | "writer" | "reader";
  /** For frames. */
  readonly token: string;
  /** For requests. */
  readonly headers: { readonly authorization: string };
}

/** HTTP requests to one server. */
export class Http {
  /** The address, without a trailing slash. */
  readonly base: string;
  /** The rights to sealed streams, by the name of the stream. */
  readonly access = new Map<unknown, Access>();

  /** Only some runtimes, such as Bun, accept a URL with a password. @throws TypeError unless it is an HTTP URL */
  constructor(server: string | URL) {
    const [base] = /^https?:[^?#]*[^/?#]/.exec(new URL(server).href) ?? [];
    if (!base) throw new TypeError("Not an HTTP URL");
    this.base = base;
  }

  /** Resolves with the headers. Rejects with a {@link MaltenError} if the server gives a reason, otherwise like `fetch`. */
  async open(
    path: string,
    parameters: Parameters,
    init: Omit<RequestInit, "headers"> & Pick<RequestOptions, "headers">,
  ): Promise<Response> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) form.append(name, String(value));
    const body = init.method === "POST" ? form : null;
    const query = body ? "" : `?${String(form)}`;
    const headers = { ...this.access.get(parameters["stream"])?.headers, ...init.headers };
    const response = await fetch(this.base + path + query, { ...init, headers, body });
    if (response.ok) return response;
    throw problemOf(response, await response.text());
  }

  /** Resolves with the whole answer. @throws MaltenError */
  async request(
    path: string,
    parameters: Parameters = {},
    { timeout = TIMEOUT, signal, ...init }: RequestOptions = {},
  ): Promise<Answer> {
    const timer = AbortSignal.timeout(timeout);
    const either = AbortSignal.any([timer, signal ?? timer]);
    try {
      const attempt = () => this.open(path, parameters, { ...init, signal: either });
      const response = await attempt().catch((error: unknown) => {
        // A connection that is used again may just have been closed. Browsers then repeat a GET (RFC 9112 §9.3.1), Node.js does not.
        if (error instanceof TypeError && (init.method ?? "GET") === "GET") return attempt();
        throw error;
      });
      // Deno can forget a fetch's signal once it has the headers: the body would not be cancelled by it, and be read for ever.
      const cancellable =
        "Deno" in globalThis && response.body?.pipeThrough(new TransformStream(), { signal: either });
      return {
        headers: response.headers,
        body: await (cancellable ? new Response(cancellable) : response).text(),
      };
    } catch (error) {
      // Runtimes differ in what an aborted fetch throws.
      if (signal?.aborted) throw MaltenError.aborted(signal);
      throw timer.aborted ? new MaltenError("timeout", "Timed out") : MaltenError.of(error);
    }
  }

  /** Resolves with the JSON of an answer that has these members. @throws MaltenError */
  async json<T extends object>(
    path: string,
    members: readonly (string & keyof T)[],
    parameters?: Parameters,
    options?: RequestOptions,
  ): Promise<T> {
    return decode<T>((await this.request(path, parameters, options)).body, ...members);
  }
}

function problemOf({ status, headers }: Response, body: string): MaltenError {
  // Every 429 asks to wait, also one of a proxy that does not say how long.
  const wait = retryAfter(headers.get("retry-after")) ?? (status === 429 ? 1 : undefined);
  try {
    const { code, detail } = decode<ProblemDetails>(body, "code");
    return new MaltenError(code, detail, undefined, wait);
  } catch (error) {
    // From a proxy in front of Malten.
    return new MaltenError("bad_response", `HTTP ${status}`, error, wait);
  }
}

/** Reads `Retry-After`: seconds or a date (RFC 9110 §10.2.3). */
function retryAfter(header: string | null): number | undefined {
  if (!header) return undefined;
  return Math.max(0, Number(header) || (Date.parse(header) - Date.now()) / 1000) || 0;
}
