import type { ProblemDetails } from "../protocol/problem.ts";
import { MaltenError } from "./error.ts";

/** How long a server may take to answer, in milliseconds. */
const PATIENCE = 15_000;

/** The parameters of a request; undefined ones are left out. */
export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Record<string, string>;
  /** How long the answer may take, in milliseconds. */
  readonly timeout?: number;
}

/** An answer whose body has been read. */
export interface Answer {
  readonly headers: Headers;
  readonly body: string;
}

/** HTTP requests to one server. */
export class Http {
  /** Without a slash at the end. */
  readonly base: string;

  /** @throws TypeError for what is not a URL */
  constructor(server: string | URL) {
    this.base = new URL(server).href.replace(/[?#].*$/, "").replace(/\/+$/, "");
  }

  /** Answers once the headers are there. @throws MaltenError */
  async open(path: string, parameters: Parameters, options: RequestOptions): Promise<Response> {
    const { method = "GET", signal, headers = {} } = options;
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) form.append(name, String(value));
    const posts = method === "POST";
    const url = `${this.base}${path}${posts ? "" : `?${form.toString()}`}`;
    try {
      const response = await fetch(url, {
        method,
        headers,
        cache: "no-store",
        body: posts ? form : null,
        signal: signal ?? null,
      });
      if (response.ok) return response;
      throw badResponse(response.status, await response.text());
    } catch (error) {
      throw reasonOf(signal, error);
    }
  }

  /** Answers once the body is there. @throws MaltenError */
  async request(path: string, parameters: Parameters = {}, options: RequestOptions = {}): Promise<Answer> {
    const timeout = AbortSignal.timeout(options.timeout ?? PATIENCE);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const response = await this.open(path, parameters, { ...options, signal });
    try {
      return { headers: response.headers, body: await response.text() };
    } catch (error) {
      throw reasonOf(signal, error);
    }
  }

  /** The JSON of an answer. @throws MaltenError */
  async json<T extends object>(
    path: string,
    members: (keyof T)[],
    parameters?: Parameters,
    options?: RequestOptions,
  ): Promise<T> {
    return decode<T>((await this.request(path, parameters, options)).body, ...members);
  }
}

/** JSON that has these members: for the rest, a server that has them keeps to the protocol. @throws MaltenError */
export function decode<T extends object>(json: string, ...members: (keyof T)[]): T {
  try {
    const value: unknown = JSON.parse(json);
    if (hasAll<T>(value, members)) return value;
  } catch {
    // As what lacks them.
  }
  throw new MaltenError("bad_response", "The answer is not that of a Malten server");
}

function hasAll<T extends object>(value: unknown, members: (keyof T)[]): value is T {
  return typeof value === "object" && value !== null && members.every((member) => member in value);
}

function badResponse(status: number, body: string): MaltenError {
  try {
    const { code, detail } = decode<ProblemDetails>(body, "code", "detail");
    return new MaltenError(code, detail);
  } catch (error) {
    // Not from Malten, but from a proxy before it.
    return new MaltenError("bad_response", `The server answered ${status}`, error);
  }
}

/** Why a fetch failed: runtimes do not agree on what they throw when they are told to stop. */
function reasonOf(signal: AbortSignal | undefined, error: unknown): MaltenError {
  return MaltenError.of(signal?.aborted ? signal.reason : error);
}
