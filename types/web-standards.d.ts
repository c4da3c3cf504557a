// The web standards that the pure modules may use: those available in browsers, Bun, Node and Deno alike.
// `lib: ["DOM"]` would declare `document` as well.

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

interface Crypto {
  getRandomValues<T extends Uint8Array>(array: T): T;
}

declare const crypto: Crypto;
