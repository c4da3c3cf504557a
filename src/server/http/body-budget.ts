import { MAX_BODY } from "../../protocol/limits.ts";
import { Problem } from "../../protocol/problem.ts";
import type { Client } from "../limits/client.ts";

/** More than {@link MAX_BODY}, so that larger bodies get a JSON problem rather than the runtime's own answer. */
export const BODY_BUFFER = 4 * MAX_BODY;

/** Share of `--max-memory` for bodies that are arriving, and the least, in bytes. */
const BUDGET = { share: 1 / 16, least: 8 * 1024 * 1024 };

/** Bounds the request bodies that are arriving: the runtime buffers each until it is complete. */
export class BodyBudget {
  private readonly limit: number;
  private total = 0;
  private readonly clients = new Map<Client, number>();

  constructor(maxMemory: number) {
    this.limit = Math.max(maxMemory * BUDGET.share, BUDGET.least);
  }

  /**
   * Reserves memory for the body of a request. A client may hold at most as much as is still free, so that others find room.
   * Returns how much {@link release} must be given.
   * @throws Problem `too_busy`; `too_many_connections` if the client has too many bodies in progress
   */
  reserve(request: Request, client: Client): number {
    const bytes = sizeOf(request);
    const free = this.limit - this.total - bytes;
    if (free < 0) throw tooBusy();
    if (client.payer !== undefined) {
      const before = this.clients.get(client) ?? 0;
      if (before + bytes > free)
        throw before === 0
          ? tooBusy()
          : new Problem("too_many_connections", "Too many request bodies are arriving from your address");
      this.clients.set(client, before + bytes);
    }
    this.total += bytes;
    return bytes;
  }

  release(bytes: number, client: Client): void {
    this.total -= bytes;
    const left = (this.clients.get(client) ?? bytes) - bytes;
    if (left === 0) this.clients.delete(client);
    else this.clients.set(client, left);
  }
}

function tooBusy(): Problem {
  return new Problem("too_busy", "Too many request bodies are arriving at this server");
}

/** Returns how much of the body the runtime may buffer. One that is too large is rejected before it arrives. */
function sizeOf({ headers }: Request): number {
  const length = headers.get("content-length");
  if (length === null) return BODY_BUFFER;
  return Number(length) > MAX_BODY ? 0 : Number(length);
}
