import { describe, test } from "bun:test";
import { CASES } from "../../test-support/crypto/cases.ts";

describe("the cases of every runtime, in Bun", () => {
  for (const [name, run] of Object.entries(CASES)) test(name, run);
});
