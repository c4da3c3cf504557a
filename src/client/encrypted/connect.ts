import type { Right, StreamKeys } from "../../crypto/secrets.ts";
import type { ClientStream } from "../client-stream.ts";
import { Malten } from "../index.ts";
import type { CreateEncryptedOptions } from "./types.ts";

/** Lowest first: each includes those before it. */
const RIGHTS: readonly Right[] = ["reader", "writer", "owner"];

/** Returns the client of a server. @throws TypeError for an invalid URL */
export function clientOf(server: string | URL | Malten): Malten {
  return server instanceof Malten ? server : new Malten(server);
}

/** Returns the address that links contain. */
export function serverOf(malten: Malten): URL {
  return new URL(`${malten.http.base}/`);
}

/** Returns the stream of these keys. Until it is closed, its requests and frames prove the right to it. */
export function streamOf(malten: Malten, { name, right, access: token }: StreamKeys): ClientStream {
  const { access } = malten.http;
  const known = access.get(name);
  // The stream may be open with a higher right already.
  if (!known || RIGHTS.indexOf(known.right) < RIGHTS.indexOf(right))
    access.set(name, { right, token, headers: { authorization: `Bearer ${token}` } });
  const stream = malten.stream(name);
  const stop = stream.onState(({ kind }) => {
    if (kind !== "closed") return;
    stop();
    access.delete(name);
  });
  return stream;
}

/** Creates a stream at the server. Otherwise, closes it here. @throws MaltenError */
export async function register(
  { http }: Malten,
  stream: ClientStream,
  { ttl, signal }: CreateEncryptedOptions,
): Promise<void> {
  try {
    const parameters = { stream: stream.name, ttl };
    // Unlike the answer about a plain stream, it has no owner's token: the link has it.
    await http.json<{ stream: string; ttl: number }>("/streams", ["stream", "ttl"], parameters, {
      method: "POST",
      signal,
    });
  } catch (error) {
    stream.close();
    throw error;
  }
}
