import { MaltenError } from "../client/index.ts";
import { Problem } from "../protocol/problem.ts";
import { EXIT, Failure, Unreachable, UsageError } from "./failure.ts";

/** What someone at a terminal is told of an error, in one line. @throws what is a mistake of ours */
export function explain(error: unknown): { readonly message: string; readonly exitCode: number } {
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UsageError) return { message, exitCode: EXIT.usage };
  if (error instanceof Unreachable) return { message, exitCode: EXIT.unreachable };
  if (error instanceof Failure || error instanceof Problem) return { message, exitCode: EXIT.failed };
  if (error instanceof MaltenError) {
    const away = error.code === "unreachable" || error.code === "timeout";
    return { message, exitCode: away ? EXIT.unreachable : EXIT.failed };
  }
  // What the system says of the standard input and output: no space left, a directory.
  if (error instanceof Error && "syscall" in error) return { message, exitCode: EXIT.failed };
  throw error;
}
