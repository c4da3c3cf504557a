/**
 * The options of a server to fuzz: little memory, and streams that expire soon, so that a run of an hour goes on finding room. It
 * believes the proxy headers of the fuzzer, so that they are parsed.
 */
export const FUZZED_SERVER: readonly string[] =
  "--port 0 --max-memory 32m --ttl 20s --trust-proxy 127.0.0.1".split(" ");

/** Resident memory that it may use, in bytes. */
export const MAX_RESIDENT = 400 * 1024 ** 2;
