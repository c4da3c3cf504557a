import { EXIT, Failure, UsageError } from "./failure.ts";

/** What someone at a terminal is told of an error. @throws what is a mistake of ours */
export function explain(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (error instanceof UsageError) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof Failure) return { message: error.message, exitCode: EXIT.failed };
  throw error;
}
