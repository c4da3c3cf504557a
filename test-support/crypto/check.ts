// What the cases of cryptography and of the SDK check with, in every runtime.
import type { Bytes } from "../../src/crypto/bytes.ts";
import { EncryptionError, type EncryptionErrorCode } from "../../src/crypto/error.ts";

/** @throws Error if the JSON of the two differs, or has undefined in other places */
export function equal(actual: unknown, expected: unknown): void {
  const [one = "undefined", other = "undefined"] = [show(actual), show(expected)];
  if (one !== other) throw new Error(`${one.slice(0, 500)} is not ${other.slice(0, 500)}`);
}

function show(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part === undefined) return "undefined";
    if (typeof part === "bigint") return `${part}n`;
    return part instanceof Uint8Array ? hex(part as Bytes) : part;
  });
}

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** The code of the error that this throws. */
export async function refusal(run: () => unknown): Promise<EncryptionErrorCode> {
  try {
    await run();
  } catch (error) {
    if (error instanceof EncryptionError) return error.code;
    throw error;
  }
  throw new Error("it did not throw");
}
