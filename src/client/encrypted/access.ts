import type { Right, StreamKeys } from "../../crypto/secrets.ts";
import type { ClientStream } from "../client-stream.ts";
import { Malten } from "../index.ts";

/** Lowest first: each includes those before it. */
const RIGHTS: readonly Right[] = ["reader", "writer", "owner"];

/** Returns the client of a server. @throws TypeError for an invalid URL */
export function clientOf(server: string | URL | Malten): Malten {
  return server instanceof Malten ? server : new Malten(server);
}

/** Returns the stream of these keys. From now on, its requests and frames prove the right to it. */
export function streamOf(malten: Malten, { name, right, access: token }: StreamKeys): ClientStream {
  const { access } = malten.http;
  const known = access.get(name);
  // The stream may be open with a higher right already.
  if (!known || RIGHTS.indexOf(known.right) < RIGHTS.indexOf(right))
    access.set(name, { right, token, headers: { authorization: `Bearer ${token}` } });
  return malten.stream(name);
}
