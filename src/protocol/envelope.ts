/** Longest envelope, in characters, all of them ASCII. The limit of other texts does not apply to it. */
export const MAX_ENVELOPE = 8192;

/** Its version, and base64url (RFC 4648 §5) without padding. */
const ENVELOPE = /^~1\.[A-Za-z0-9_-]+$/;

/**
 * Reports whether a text is an envelope: a message that its sender encrypted. To a server it is opaque; on a stream that is not
 * sealed it is a text like any other.
 */
export function isEnvelope(text: string): boolean {
  return text.length <= MAX_ENVELOPE && ENVELOPE.test(text);
}
