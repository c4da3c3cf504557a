// Sends malformed and hostile requests, byte for byte.
import { expect } from "bun:test";
import type { WireMessage } from "../../src/protocol/message.ts";
import type { ProblemDetails } from "../../src/protocol/problem.ts";
import { RawConnection, rawRequest, type RawResponse } from "../../test-support/raw.ts";
import type { TestServer } from "../../test-support/server.ts";

export const HOST = "Host: localhost\r\n";

/** A client without a library, which would refuse to send most of what is tested here. */
export class HostileClient {
  private readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  /** Sends bytes on a new connection and reads one response. */
  readonly send = (...bytes: (string | Uint8Array)[]): Promise<RawResponse | undefined> =>
    rawRequest(this.server.port, ...bytes);

  readonly get = (target: string, headers = ""): Promise<RawResponse | undefined> =>
    this.send(`GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`);

  /** Posts raw bytes. */
  readonly post = (
    body: string | Uint8Array,
    type: string,
    target = "/messages",
  ): Promise<RawResponse | undefined> => {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const head = `POST ${target} HTTP/1.1\r\n${HOST}Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    return this.send(head, bytes);
  };

  /** Returns what a stream contains, oldest first. */
  readonly textsOf = async (stream: string): Promise<string[]> => {
    const messages = await (await fetch(`${this.server.url}/messages?stream=${stream}&limit=1024`)).json();
    return (messages as WireMessage[]).map(({ Text }) => Text);
  };

  /** Expects a rejection by the runtime: an empty response, then a closed connection. */
  readonly expectRejectedByRuntime = async (status: number, ...bytes: string[]): Promise<void> => {
    using connection = await RawConnection.open(this.server.port);
    for (const part of bytes) connection.send(part);
    const response = await connection.response();
    expect([response?.status, response?.headers.get("connection"), response?.body]).toEqual([
      status,
      "close",
      "",
    ]);
    // Bytes after it are not parsed as a request.
    expect(await connection.rest()).toBe("");
  };
}

/** Expects a problem response from our own code. */
export function expectProblem(
  response: RawResponse | undefined,
  status: number,
  code: string,
): ProblemDetails {
  expect(response?.status).toBe(status);
  expect(response?.headers.get("content-type")).toBe("application/problem+json");
  const problem = JSON.parse(response?.body ?? "") as ProblemDetails;
  expect([problem.status, problem.code as string]).toEqual([status, code]);
  return problem;
}
