import { MaltenError } from "./error.ts";

/**
 * A place in a stream: after this many nanoseconds since 1970, on the clock of this server. Positions of different servers
 * cannot be compared. Without a server it belongs to the server that receives it.
 */
export interface Position {
  readonly created: bigint;
  readonly server?: string;
}

/** Stands for the server of a cursor that is later than everything on the server that received it. */
export const UNKNOWN_SERVER = "unknown";

/**
 * Where a subscription from `earliest` begins, in nanoseconds: before all messages, but not 0, for which the server reports no
 * gap. A listener of the same stream with a later cursor needs that gap.
 */
export const EARLIEST = 1000n;

const CURSOR = /^(\d{1,20})(?:-(\w+))?$/;

/** Reads a cursor, `<created>-<server>`; `earliest` is before everything that is kept. @throws MaltenError `bad_parameter` */
export function parseCursor(cursor: string): Position {
  const [, created, server] = CURSOR.exec(cursor === "earliest" ? "0" : cursor) ?? [];
  if (!created) throw new MaltenError("bad_parameter", "Invalid cursor");
  return { created: BigInt(created), ...(server && { server }) };
}

/** Returns the cursor that covers all these readers on `server`, which sends everything it keeps for another server's cursor. */
export function oldestCursor(positions: readonly Position[], server: string): string {
  const { created, server: owner = server } =
    positions.find((position) => (position.server ?? server) !== server) ??
    positions.reduce((one, other) => (other.created < one.created ? other : one));
  return `${created > EARLIEST ? created : EARLIEST}-${owner}`;
}
