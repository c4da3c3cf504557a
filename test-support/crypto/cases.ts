// The cases of cryptography that run in every runtime: in Bun beside the code, elsewhere by e2e/crypto.test.ts.
import { PIPE_CASES } from "./pipe-cases.ts";
import { PIPE_VECTOR_CASES } from "./pipe-vector-cases.ts";
import { SEALED_CASES } from "./sealed-cases.ts";
import { LINK_CASES } from "./link-cases.ts";
import { SFRAME_CASES } from "./sframe-cases.ts";
import { VECTOR_CASES } from "./vector-cases.ts";

export const CASES: Record<string, () => void | Promise<void>> = {
  ...SFRAME_CASES,
  ...LINK_CASES,
  ...SEALED_CASES,
  ...PIPE_CASES,
  ...PIPE_VECTOR_CASES,
  ...VECTOR_CASES,
};
