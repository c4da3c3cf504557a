// Short forms for tests of live delivery: publishing and creating streams, and reading NDJSON.
import type { TextReader, Wire } from "../../test-support/clients.ts";
import type { TestServer } from "../../test-support/server.ts";

export const NDJSON = { accept: "application/x-ndjson" };
export const PLAIN = { accept: "text/plain" };

export const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

export async function publishAll(server: TestServer, stream: string, texts: string[]): Promise<string[]> {
  const created: string[] = [];
  for (const text of texts) created.push(`${(await server.publish(stream, text)).created}000`);
  return created;
}

/** Creates a stream that can be ended. */
export async function create(server: TestServer, query: string): Promise<() => Promise<Response>> {
  const response = await fetch(`${server.url}/streams?${query}`, { method: "POST" });
  const { stream, owner } = (await response.json()) as { stream: string; owner: string };
  return () =>
    fetch(`${server.url}/streams?stream=${stream}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${owner}` },
    });
}

/** Returns the next message or event other than welcome and presence. */
export async function nextLine(reader: TextReader): Promise<Wire> {
  for (;;) {
    const line = await reader.upTo("\n");
    if (line === undefined) throw new Error("the response ended");
    if (line === "") continue;
    const data = JSON.parse(line) as Wire;
    if (!["welcome", "connect", "close"].includes(data.Text)) return data;
  }
}

export async function lineTexts(reader: TextReader, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const { Type, Text } = await nextLine(reader);
    texts.push(Type === "message" ? Text : `<${Text}>`);
  }
  return texts;
}
