// What src/crypto/ uses of WebCrypto and URL, beside web-standards.d.ts.

declare function atob(text: string): string;
declare function btoa(text: string): string;

interface Crypto {
  readonly subtle: SubtleCrypto;
}

interface CryptoKey {
  readonly extractable: boolean;
}

interface CryptoKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

type KeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "deriveBits" | "deriveKey";

interface SubtleCrypto {
  digest(algorithm: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  generateKey(algorithm: "Ed25519", extractable: boolean, usages: KeyUsage[]): Promise<CryptoKeyPair>;
  importKey(
    format: "raw" | "pkcs8",
    data: Uint8Array<ArrayBuffer>,
    algorithm: "HKDF" | "Ed25519",
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  exportKey(format: "raw", key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: "jwk", key: CryptoKey): Promise<{ x?: string }>;
  deriveBits(algorithm: HkdfParams, key: CryptoKey, length: number): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: HkdfParams,
    key: CryptoKey,
    target: { name: string; length: number },
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey>;
  encrypt(algorithm: AesGcmParams, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  decrypt(algorithm: AesGcmParams, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  sign(algorithm: "Ed25519", key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(
    algorithm: "Ed25519",
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

interface HkdfParams {
  name: string;
  hash: string;
  salt: Uint8Array<ArrayBuffer>;
  info: Uint8Array<ArrayBuffer>;
}

interface AesGcmParams {
  name: string;
  iv: Uint8Array<ArrayBuffer>;
  additionalData: Uint8Array<ArrayBuffer>;
}

declare class URL {
  constructor(url: string);
  static canParse(url: string): boolean;
  readonly origin: string;
  readonly pathname: string;
  readonly protocol: string;
  search: string;
  hash: string;
}
