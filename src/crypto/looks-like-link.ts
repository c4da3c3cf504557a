/**
 * Whether this is a link of any version, or the end of one, also with its colon escaped: a secret, which is no stream's name, since
 * those have no colon. In a file of its own, since everything that asks for a name needs it.
 */
export function looksLikeLink(text: string): boolean {
  return /(^|#)\s*v\d+(:|%3A)/i.test(text);
}
