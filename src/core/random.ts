const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Random characters, 5 bits each, of an alphabet without look-alikes. */
export function randomLetters(length: number): string {
  let letters = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) letters += LETTERS.charAt(byte & 31);
  return letters;
}

/** 130 random bits: an unguessable name or token. */
export function randomSecret(): string {
  return randomLetters(26);
}

/** Compares in a time that does not depend on where the two differ. */
export function sameSecret(given: string, kept: string): boolean {
  let difference = given.length ^ kept.length;
  for (let i = 0; i < kept.length; i++) difference |= given.charCodeAt(i) ^ kept.charCodeAt(i);
  return difference === 0;
}
