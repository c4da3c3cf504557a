import type { ProblemDetails } from "../protocol/problem.ts";
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

/** HTTP requests to one server. */
export class Http {
  /** The address, without a trailing slash. */
  readonly base: string;

  /** Only some runtimes, such as Bun, accept a URL with a password. @throws TypeError unless it is an HTTP URL */
  constructor(server: string | URL) {
    const base = /^https?:[^?#]*[^/?#]/.exec(new URL(server).href)?.[0];
    if (!base) throw new TypeError("Not an HTTP URL");
    this.base = base;
  }

  /** Resolves with the headers. Rejects with a {@link MaltenError} if the server gives a reason, otherwise like `fetch`. */
  async open(path: string, parameters: Parameters, init: RequestInit): Promise<Response> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) form.append(name, String(value));
    const body = init.method === "POST" ? form : null;
    const query = body ? "" : `?${form.toString()}`;
    const response = await fetch(this.base + path + query, { ...init, body });
    if (response.ok) return response;
    throw problemOf(response.status, await response.text());
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
      const response = await this.open(path, parameters, { ...init, signal: either });
      return { headers: response.headers, body: await response.text() };
    } catch (error) {
      // Runtimes differ in what an aborted fetch throws.
      if (signal?.aborted) throw MaltenError.aborted(signal);
      throw timer.aborted ? new MaltenError("timeout", "Timed out") : MaltenError.of(error);
    }
  }

  /** Resolves with the JSON of an answer that has this member. @throws MaltenError */
  async json<T extends object>(
    path: string,
    member: keyof T | undefined,
    parameters?: Parameters,
    options?: RequestOptions,
  ): Promise<T> {
    return decode<T>((await this.request(path, parameters, options)).body, member);
  }
}

/** Decodes JSON that has this member. A server that sends it is trusted with the rest. @throws MaltenError `bad_response` */
export function decode<T extends object>(json: string, member?: keyof T): T {
  try {
    const value: unknown = JSON.parse(json);
    if (isWith<T>(value, member)) return value;
  } catch {
    // Not JSON: the same as JSON without it.
  }
  throw notMalten();
}

function isWith<T extends object>(value: unknown, member?: keyof T): value is T {
  return value instanceof Object && (!member || member in value);
}

/** Returns the error for a response that no Malten server sends. */
export function notMalten(): MaltenError {
  return new MaltenError("bad_response", "Not a Malten server");
}

function problemOf(status: number, body: string): MaltenError {
  try {
    const { code, detail } = decode<ProblemDetails>(body, "code");
    return new MaltenError(code, detail);
  } catch (error) {
    // From a proxy in front of Malten.
    return new MaltenError("bad_response", `HTTP ${status}`, error);
  }
}
