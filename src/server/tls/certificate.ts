import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** A certificate chain and the private key of its first certificate, both as PEM. */
export interface Certificate {
  /** The server's certificate first, then the intermediate ones. */
  readonly chain: string;
  readonly key: string;
  /** When the server's certificate expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** SHA-256 of the server's certificate: `AB:CD:…`. */
  readonly fingerprint: string;
}

/** A certificate or key that cannot be used. The message names the file and what to do. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Where a certificate and its key are. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const PEM_BEGIN = "-----BEGIN CERTIFICATE-----";

/** Reads and checks a certificate and its key. @throws CertificateError */
export function readCertificate({ certFile, keyFile }: CertificateFiles): Certificate {
  const chain = read(certFile);
  const certificates = (chain.match(PEM_CERTIFICATE) ?? []).map((pem) => parseCertificate(pem, certFile));
  const [own] = certificates;
  if (own === undefined)
    throw new CertificateError(`${certFile} contains no certificate: use a PEM file with the full chain`);
  if (chain.split(PEM_BEGIN).length - 1 > certificates.length)
    throw new CertificateError(`${certFile} contains an incomplete certificate`);
  const key = read(keyFile);
  if (!own.checkPrivateKey(parseKey(key, keyFile)))
    throw new CertificateError(
      `the private key in ${keyFile} does not belong to the first certificate in ${certFile}`,
    );
  return { chain, key, ...describeCertificate(own) };
}

/** The parts of a {@link Certificate} that follow from its first certificate. */
export function describeCertificate(own: X509Certificate): Pick<Certificate, "expiresAt" | "fingerprint"> {
  return { expiresAt: own.validToDate.getTime(), fingerprint: own.fingerprint256 };
}

function read(file: string): string {
  try {
    // The runtime rejects a byte order mark, which some editors write.
    return readFileSync(file, "utf8").replace(/^\ufeff/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ENOENT"
        ? "no such file"
        : code === "EACCES"
          ? "permission denied"
          : code === "EISDIR"
            ? "is a directory"
            : String(code);
    throw new CertificateError(`cannot read ${file} (${reason})`, { cause: error });
  }
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new CertificateError(`${file} contains an invalid certificate`, { cause: error });
  }
}

function parseKey(pem: string, file: string): KeyObject {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new CertificateError(`the private key in ${file} is encrypted: use one without a passphrase`);
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new CertificateError(`${file} contains no valid private key: use a PEM file`, { cause: error });
  }
}
