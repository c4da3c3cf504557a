// The cases of cryptography that run in every runtime: in Bun beside the code, elsewhere by e2e/crypto.test.ts.
import { SEALED_CASES } from "./sealed-cases.ts";
import { LINK_CASES } from "./link-cases.ts";
import { SFRAME_CASES } from "./sframe-cases.ts";

export const CASES: Record<string, () => void | Promise<void>> = {
  ...SFRAME_CASES,
  ...LINK_CASES,
  ...SEALED_CASES,
};
