/** What WebCrypto takes and returns. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Without white space, and with unused bits that are 0 (RFC 4648 §3.5): each value has one encoding. */
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Node.js has it since version 25. */
const isNative = "toBase64" in Uint8Array.prototype;

/** Returns UTF-8. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Decodes UTF-8. Returns undefined if it is not valid. */
export function fromUtf8(bytes: Bytes): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/** Compares public values: the time it takes depends on them. */
export function areEqual(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Encodes an unsigned integer, big-endian. */
export function uint(value: number | bigint, length: number): Bytes {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** Decodes an unsigned integer, big-endian. */
export function fromUint(bytes: Bytes): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** RFC 4648 §5, without padding. */
export function toBase64url(bytes: Bytes): string {
  if (isNative) return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  // Envelopes are short enough for the arguments of one call. Spreading them would take eight times as long.
  const binary: unknown = Reflect.apply(String.fromCharCode, undefined, bytes);
  const base64 = btoa(String(binary));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Decodes {@link toBase64url}. Returns undefined for anything else. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!BASE64URL.test(text)) return undefined;
  if (isNative) return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  // `Uint8Array.from` takes ten times as long.
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
