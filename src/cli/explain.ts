import { MaltenError } from "../client/index.ts";
import { EncryptionError } from "../crypto/error.ts";
import { UsageError } from "../options/errors.ts";
import { Problem } from "../protocol/problem.ts";
import { EXIT, Failure } from "./failure.ts";

/** Returns the message and exit code for an error. @throws the error itself if it is a bug */
export function explain(error: unknown): { readonly message: string; readonly exitCode: number } {
  const message = lowerCased(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) return { message, exitCode: EXIT.usage };
  if (error instanceof Failure) return { message, exitCode: error.exitCode };
  // The link comes from the environment, or is typed where it belongs.
  if (error instanceof EncryptionError) return { message, exitCode: EXIT.usage };
  if (error instanceof Problem) return { message, exitCode: EXIT.failed };
  if (error instanceof MaltenError) {
    if (error.retryAfter !== undefined) {
      // Servers say it themselves where they can.
      const advice = message.includes("try again") ? "" : `. Try again in ${Math.ceil(error.retryAfter)} s`;
      return { message: `${message}${advice}`, exitCode: EXIT.later };
    }
    if (error.code === "link_used") return { message, exitCode: EXIT.linkUsed };
    const unreachable = error.code === "unreachable" || error.code === "timeout";
    return { message, exitCode: unreachable ? EXIT.unreachable : EXIT.failed };
  }
  // System errors of standard input and output: no space left on device, is a directory.
  if (error instanceof Error && "syscall" in error) return { message, exitCode: EXIT.failed };
  throw error;
}

/** Errors of the protocol and the SDK are sentences; here they follow "error: ". Leaves "HTTP 502" and "ENOSPC" alone. */
export function lowerCased(message: string): string {
  return message.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
}
