/** Percent-encodes what is not unreserved (RFC 3986 §2.3). Unlike `encodeURIComponent`, encodes lone surrogates, as CESU-8 would. */
export function percentEncode(text: string): string {
  let encoded = "";
  for (const character of text) {
    if (/^[A-Za-z0-9._~-]$/.test(character)) encoded += character;
    else for (const byte of bytesOf(character)) encoded += `%${byte.toString(16).padStart(2, "0")}`;
  }
  return encoded;
}

/** UTF-8, and for a lone surrogate the three bytes that a careless encoder makes. */
function bytesOf(character: string): Uint8Array {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
  return Uint8Array.of(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}
