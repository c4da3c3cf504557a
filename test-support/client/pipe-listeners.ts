import type { ClientStream, Malten } from "../../src/client/index.ts";
import { streamOf } from "../../src/client/encrypted/connect.ts";
import { parseLink } from "../../src/crypto/link.ts";
import { deriveKeys } from "../../src/crypto/secrets.ts";

/** The stream of a pipe, as everyone with its link can use it. */
export async function streamOfPipe(malten: Malten, link: string): Promise<ClientStream> {
  const { secrets } = parseLink(link);
  if (secrets.kind !== "pipe") throw new Error("not the link of a pipe");
  return streamOf(malten, await deriveKeys({ ...secrets, kind: "writer" }));
}

/** Listens to the stream of a pipe until the server has announced this number of listeners. */
export async function listensWith(malten: Malten, link: string, observers: number): Promise<void> {
  const stream = await streamOfPipe(malten, link);
  for await (const event of stream.events())
    if (event.type === "presence" && event.observers === observers) break;
  stream.close();
}
