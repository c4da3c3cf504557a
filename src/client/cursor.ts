import { MaltenError } from "./error.ts";

/**
 * A place in a stream: after this many nanoseconds since 1970, on the clock of this server. Positions of different servers
 * cannot be compared. Without a server it means the server that it is given to.
 */
export interface Position {
  readonly created: bigint;
  readonly server: string | undefined;
}

const CURSOR = /^([0-9]{1,20})(?:-([A-Za-z0-9]{1,32}))?$/;

/** Reads a cursor, `<created>-<server>`; `earliest` is before everything that is kept. @throws MaltenError `bad_parameter` */
export function parseCursor(cursor: string): Position {
  const [, created, server] = CURSOR.exec(cursor === "earliest" ? "0" : cursor) ?? [];
  if (created === undefined) throw new MaltenError("bad_parameter", "Not a cursor");
  return { created: BigInt(created), server };
}

export function formatCursor({ created, server }: Position): string {
  if (server !== undefined) return `${created}-${server}`;
  return created === 0n ? "earliest" : String(created);
}

/** Whether a reader at `position` gets all it needs from a subscription on `server` that begins after `begin`. */
export function isCovered(position: Position, begin: bigint, server: string): boolean {
  return (position.server ?? server) === server ? position.created >= begin : begin === 0n;
}
