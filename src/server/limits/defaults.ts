import { readFileSync } from "node:fs";

/** Descriptors that are kept for listening sockets, the log, and requests that end soon. */
const RESERVED_DESCRIPTORS = 128;

/**
 * Share of `--max-memory` per connection and per subscription, in bytes. A connection takes up to 20 kB before it sends a whole request,
 * a subscription up to 3.3 kB.
 */
const CONNECTION_SHARE = 16 * 1024;
const SUBSCRIPTION_SHARE = 8 * 1024;

/**
 * Returns the default of `--max-connections`: below the descriptor limit, because a process without descriptors cannot even
 * refuse a connection, and one per 16 KiB of `--max-memory`.
 */
export function defaultMaxConnections(maxMemory: number, descriptors: number): number {
  return Math.max(16, Math.min(descriptors - RESERVED_DESCRIPTORS, Math.floor(maxMemory / CONNECTION_SHARE)));
}

/** Returns the default of `--max-subscriptions`: one per 8 KiB of `--max-memory`. */
export function defaultMaxSubscriptions(maxMemory: number): number {
  return Math.floor(maxMemory / SUBSCRIPTION_SHARE);
}

/** Returns how many descriptors this process may have open; infinite if the system does not say (it needs /proc). */
export function descriptorLimit(file = "/proc/self/limits"): number {
  try {
    const soft = /^Max open files +([0-9]+)/m.exec(readFileSync(file, "utf8"))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
