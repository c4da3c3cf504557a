/**
 * Errors of encryption:
 * - `insecure_context`: WebCrypto is missing, because the page was loaded over plain HTTP from another machine.
 * - `unsupported`: this runtime lacks an algorithm, such as Ed25519.
 * - `link_invalid`: not the link of an encrypted stream.
 * - `link_cut`: part of the link is missing.
 * - `link_damaged`: a character of the link is wrong.
 * - `link_newer`, `link_older`: made by another version of Malten.
 * - `read_only`: sealing needs the write secret.
 * - `text_invalid`, `name_invalid`: cannot be sealed.
 */
export type EncryptionErrorCode =
  | "insecure_context"
  | "unsupported"
  | "link_invalid"
  | "link_cut"
  | "link_damaged"
  | "link_newer"
  | "link_older"
  | "read_only"
  | "text_invalid"
  | "name_invalid";

/** `code` is stable; `message` is for people and never contains a secret. */
export class EncryptionError extends Error {
  override readonly name = "EncryptionError";
  readonly code: EncryptionErrorCode;

  constructor(code: EncryptionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
