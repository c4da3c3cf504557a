/** The options of a server to fuzz: little memory, and streams that expire soon, so that a run of an hour goes on finding room. */
export const FUZZED_SERVER: readonly string[] = ["--port", "0", "--max-memory", "32m", "--ttl", "20s"];

/** Resident memory that it may use, in bytes. */
export const MAX_RESIDENT = 400 * 1024 ** 2;
