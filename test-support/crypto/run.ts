// The entry of the cases in each runtime: a bundle of this runs in Node, Deno and a browser.
import { createSecrets, deriveKeys } from "../../src/crypto/secrets.ts";
import { CASES } from "./cases.ts";
import { refusal } from "./check.ts";

/** Runs all cases. Returns the error of each by name; null if it passed. */
export async function run(): Promise<Record<string, string | null>> {
  const results: Record<string, string | null> = {};
  for (const [name, runCase] of Object.entries(CASES)) {
    try {
      await runCase();
      results[name] = null;
    } catch (error) {
      results[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }
  return results;
}

/** The error where the platform has no cryptography. */
export function tryToEncrypt(): Promise<string> {
  return refusal(() => deriveKeys(createSecrets()));
}
