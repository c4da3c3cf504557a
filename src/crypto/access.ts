import { concat, toBase64url, type Bytes } from "./bytes.ts";

/** The first byte of an access token, and of a link. */
export const KINDS = { owner: 1, writer: 2, reader: 3, pipe: 4 } as const;

/**
 * Formats an access token, which proves a right to the server: `src/protocol/access.ts` parses it. A secret, for the header
 * `Authorization` and for frames, never for a URL.
 */
export function formatAccess(right: "owner" | "writer" | "reader", ...parts: Bytes[]): string {
  return toBase64url(concat(new Uint8Array([KINDS[right]]), ...parts));
}
