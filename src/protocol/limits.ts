/** Limits of the protocol, the same on every server. Limits that an operator can change are in `config.ts`. */

/** Longest message, in Unicode code points. */
export const MAX_TEXT = 1024;

/** Messages kept per stream; the next one evicts the oldest. */
export const MAX_MESSAGES = 1024;

/** Default idle time-to-live of a stream, in seconds. */
export const DEFAULT_TTL = 1024;

/** Longest idle time-to-live that a creator may request, in seconds: 7 days. */
export const MAX_TTL = 7 * 24 * 60 * 60;

/** Default number of messages per page. */
export const DEFAULT_PAGE = 25;

/** Default and largest number of streams in one listing. */
export const MAX_LISTED = 1000;

/** Longest long poll, in seconds. Short enough for the idle timeouts of common proxies. */
export const MAX_WAIT = 60;

/** Largest request body, in bytes. */
export const MAX_BODY = 64 * 1024;

/**
 * Largest WebSocket message from a client, in bytes: more than the longest valid frame, which has 13,639 with everything escaped. One
 * with an envelope has about 8,900. A message that arrives in fragments is buffered until it is complete.
 */
export const MAX_FRAME = 16 * 1024;

/** Subscriptions per WebSocket. */
export const MAX_SUBSCRIPTIONS = 256;
