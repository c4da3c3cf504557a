import { Problem } from "../../protocol/problem.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8. @throws Problem `bad_encoding` if invalid: replacement characters would change the text */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Problem("bad_encoding");
  }
}

/**
 * Decodes a name or value of `application/x-www-form-urlencoded` (WHATWG URL §5.1): a `%` without two hex digits is kept.
 * @throws Problem `bad_encoding` if the result is not UTF-8
 */
export function decodeForm(encoded: string): string {
  const spaced = encoded.includes("+") ? encoded.replaceAll("+", " ") : encoded;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeUtf8(percentDecode(new TextEncoder().encode(spaced)));
  }
}

/** WHATWG URL §1.3, percent-decode. */
function percentDecode(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? String.fromCharCode(...bytes.subarray(i + 1, i + 3)) : "";
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      decoded[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else {
      decoded[length++] = bytes[i] ?? 0;
    }
  }
  return decoded.subarray(0, length);
}
