/** What the protocol itself allows, on every server. What an operator may change stands in `config.ts`. */

/** Longest message, in Unicode code points. */
export const MAX_TEXT = 1024;

/** Messages that a stream keeps; the next one evicts the oldest. */
export const MAX_MESSAGES = 1024;

/** Idle lifetime of a stream in seconds, unless its creator or the server's operator chooses another. */
export const DEFAULT_TTL = 1024;

/** Longest idle lifetime that a creator may ask for, in seconds: 7 days. */
export const MAX_TTL = 7 * 24 * 60 * 60;

/** Messages in one page of history, unless `limit` says otherwise. */
export const DEFAULT_PAGE = 25;

/** Streams in one listing, unless `limit` says otherwise; also the most that can be asked for. */
export const MAX_LISTED = 1000;

/** Longest long poll, in seconds. Short enough for the idle timeouts of common proxies. */
export const MAX_WAIT = 60;

/** Largest request body and WebSocket frame, in bytes. */
export const MAX_BODY = 64 * 1024;

/** Streams that one WebSocket may listen to at once. */
export const MAX_SUBSCRIPTIONS = 256;
