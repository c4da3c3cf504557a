import { afterAll, beforeAll } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { selfSignedCertificate } from "../src/server/tls/self-signed.ts";

const VARIABLE = "NODE_TLS_REJECT_UNAUTHORIZED";

/** Makes the clients of a test file accept any certificate. */
export function acceptAnyCertificate(): void {
  const before = process.env[VARIABLE];
  beforeAll(() => {
    process.env[VARIABLE] = "0";
  });
  afterAll(() => {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
  });
}

export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
  /** Both in one file. */
  readonly both: string;
}

/** Writes a certificate for 127.0.0.1 to a new directory in `folder`. */
export async function writeCertificate(folder: string): Promise<CertificatePaths> {
  const own = await mkdtemp(join(folder, "certificate-"));
  const { chain, key } = selfSignedCertificate(["127.0.0.1"], Date.now());
  const paths = {
    certificate: join(own, "certificate.pem"),
    key: join(own, "key.pem"),
    both: join(own, "both.pem"),
  };
  await writeFile(paths.certificate, chain);
  await writeFile(paths.key, key);
  await writeFile(paths.both, `${chain}${key}`);
  return paths;
}
