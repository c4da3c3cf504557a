import { isEnvelope } from "../protocol/envelope.ts";
import { fromBase64url, toBase64url, type Bytes } from "./bytes.ts";

const PREFIX = "~1.";

/** Writes bytes as the text of a message: `~1.` and base64url. */
export function encodeEnvelope(bytes: Bytes): string {
  return PREFIX + toBase64url(bytes);
}

/** Reads {@link encodeEnvelope}. Returns undefined for any other text. */
export function decodeEnvelope(text: string): Bytes | undefined {
  return isEnvelope(text) ? fromBase64url(text.slice(PREFIX.length)) : undefined;
}
