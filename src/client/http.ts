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

  /** @throws TypeError for what is not a URL of HTTP. A password in it is for the runtimes whose `fetch` takes one, as Bun's */
  constructor(server: string | URL) {
    const base = /^https?:\/\/[^/]+(\/+[^/?#]+)*/.exec(new URL(server).href)?.[0];
    if (base === undefined) throw new TypeError("Not the URL of a server");
    this.base = base;
  }

  /** Answers once the headers are there; fails with a {@link MaltenError} where the server says why, otherwise as `fetch` does. */
  async open(path: string, parameters: Parameters, init: RequestInit): Promise<Response> {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) form.append(name, String(value));
    const url = this.base + path;
    const response = await (init.method === "POST"
      ? fetch(url, { ...init, body: form })
      : fetch(`${url}?${form.toString()}`, init));
    if (response.ok) return response;
    throw problemOf(response.status, await response.text());
  }

  /** Answers once the body is there. @throws MaltenError */
  async request(
    path: string,
    parameters: Parameters = {},
    { timeout = PATIENCE, signal, ...init }: RequestOptions = {},
  ): Promise<Answer> {
    const timer = AbortSignal.timeout(timeout);
    const either = AbortSignal.any([timer, ...(signal ? [signal] : [])]);
    try {
      const response = await this.open(path, parameters, { ...init, signal: either });
      return { headers: response.headers, body: await response.text() };
    } catch (error) {
      // Runtimes do not agree on what they throw when they are told to stop.
      if (signal?.aborted) throw MaltenError.aborted(signal);
      throw timer.aborted ? new MaltenError("timeout", "No answer in time") : MaltenError.of(error);
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
  throw notMalten();
}

function hasAll<T extends object>(value: unknown, members: (keyof T)[]): value is T {
  return value instanceof Object && members.every((member) => member in value);
}

/** The answer is of something else than this protocol's server. */
export function notMalten(): MaltenError {
  return new MaltenError("bad_response", "Not a Malten server");
}

function problemOf(status: number, body: string): MaltenError {
  try {
    const { code, detail } = decode<ProblemDetails>(body, "code");
    return new MaltenError(code, detail);
  } catch (error) {
    // Not from Malten, but from a proxy before it.
    return new MaltenError("bad_response", `HTTP ${status}`, error);
  }
}
