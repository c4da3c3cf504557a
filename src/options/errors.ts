/** Thrown for an invalid command line or environment. The first line of the message says what is wrong and how to fix it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Thrown by `Option.read`. The message completes the sentence "invalid --port "x": use …". */
export class InvalidValue extends Error {
  override readonly name = "InvalidValue";
}
