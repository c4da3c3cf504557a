import { afterAll, describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../test-support/clock.ts";
import { ServerLog } from "../log.ts";
import { CertificateError, readCertificate, type Certificate } from "./certificate.ts";
import { reloadCertificate, warnIfExpired } from "./reload.ts";
import { machineNames, selfSignedCertificate } from "./self-signed.ts";

const given = join(import.meta.dir, "..", "..", "..", "test-support", "tls");
const folder = mkdtempSync(join(tmpdir(), "malten-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

const other = selfSignedCertificate(["localhost"], Date.now());
const chain = readFileSync(join(given, "chain.crt"), "utf8");
const key = readFileSync(join(given, "chain.key"), "utf8");

/** Writes the files and reads them as a certificate. */
function readTexts(certText: string, keyText: string): Certificate {
  return readCertificate(writeTexts(certText, keyText));
}

function writeTexts(certText: string, keyText: string) {
  const files = { certFile: join(folder, "a.crt"), keyFile: join(folder, "a.key") };
  writeFileSync(files.certFile, certText);
  writeFileSync(files.keyFile, keyText);
  return files;
}

describe("reading a certificate", () => {
  test("returns the chain, the key and when it expires", () => {
    const [own = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    const { validToDate, fingerprint256 } = new X509Certificate(own);
    expect(readTexts(chain, key)).toEqual({
      chain,
      key,
      expiresAt: validToDate.getTime(),
      fingerprint: fingerprint256,
    });
  });

  test("ignores a byte order mark", () => {
    expect(readTexts(`\ufeff${chain}`, `\ufeff${key}`)).toMatchObject({ chain, key });
  });

  const encrypted = createPrivateKey(key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  const cases: Record<string, [cert: string, key: string, message: RegExp]> = {
    "the key of another certificate": [
      chain,
      other.key,
      /a\.key does not belong to the first certificate in/,
    ],
    "an encrypted key": [chain, encrypted, /a\.key is encrypted: use one without a passphrase$/],
    "no key": [chain, chain, /a\.key contains no valid private key/],
    "an empty key": [chain, "", /a\.key contains no valid private key/],
    "no certificate": [key, key, /a\.crt contains no certificate/],
    "a chain that is cut off": [
      chain + chain.slice(0, 200),
      key,
      /a\.crt contains an incomplete certificate$/,
    ],
    "an empty file": ["", key, /a\.crt contains no certificate/],
    "a damaged certificate": [
      chain.replace(/[A-Za-z]{20}/, ""),
      key,
      /a\.crt contains an invalid certificate/,
    ],
    "intermediate certificates first": [
      chain
        .split(/(?<=-----END CERTIFICATE-----\n)/)
        .toReversed()
        .join(""),
      key,
      /does not belong to the first certificate/,
    ],
  };
  for (const [name, [certText, keyText, message]] of Object.entries(cases)) {
    test(`reports ${name}`, () => {
      expect(() => readTexts(certText, keyText)).toThrow(message);
    });
  }

  test("reports a file that cannot be read", () => {
    const files = writeTexts(chain, key);
    const missing = join(folder, "missing");
    for (const broken of [{ certFile: missing }, { keyFile: missing }])
      expect(() => readCertificate({ ...files, ...broken })).toThrow(`cannot read ${missing} (no such file)`);
    expect(() => readCertificate({ ...files, keyFile: folder })).toThrow(/\(is a directory\)$/);
  });
});

describe("reloading", () => {
  function setUp() {
    const clock = new ManualClock();
    const lines: string[] = [];
    const used: Certificate[] = [];
    const server = { replaceCertificate: (certificate: Certificate) => void used.push(certificate) };
    const log = new ServerLog((line) => lines.push(line), clock);
    return { clock, lines, used, server, log };
  }

  test("uses the new certificate and logs it", () => {
    const { clock, lines, used, server, log } = setUp();
    reloadCertificate(writeTexts(other.chain, other.key), server, log, clock);
    expect(used).toHaveLength(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`fingerprint=${other.fingerprint}`);
  });

  test("keeps the old certificate if the new one is bad", () => {
    const { clock, lines, used, server, log } = setUp();
    reloadCertificate(writeTexts(chain, other.key), server, log, clock);
    expect(used).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warning: certificate not reloaded, the old one is kept: .* does not belong/);
  });

  test("keeps the old certificate if the server cannot use the new one", () => {
    const { clock, lines, log } = setUp();
    const server = {
      replaceCertificate() {
        throw new RangeError("secret");
      },
    };
    reloadCertificate(writeTexts(chain, key), server, log, clock);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^error: reloading the certificate failed: RangeError/);
  });

  test("warns of an expired certificate", () => {
    const { clock, lines, log } = setUp();
    const now = clock.wall() / 1000;
    warnIfExpired({ ...other, expiresAt: now + 1 }, log, clock);
    expect(lines).toEqual([]);
    warnIfExpired({ ...other, expiresAt: now - 1 }, log, clock);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warning: the certificate expired on .*Z/);
  });
});

describe("a self-signed certificate", () => {
  test("is for localhost, the name and the addresses of this machine", () => {
    const names = machineNames();
    expect(names).toContain("localhost");
    expect(names).toContain("127.0.0.1");
    const certificate = new X509Certificate(selfSignedCertificate(names, Date.now()).chain);
    for (const name of names) {
      const found = /^[0-9.]+$|:/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name);
      expect(found).toBe(name);
    }
    expect(certificate.checkHost("example.com")).toBeUndefined();
  });

  test("can be read like one from files, and differs each time", () => {
    const { chain: own, key: ownKey, ...rest } = other;
    expect(readTexts(own, ownKey)).toEqual({ chain: own, key: ownKey, ...rest });
    const again = selfSignedCertificate(["localhost"], Date.now());
    expect(again.fingerprint).not.toBe(other.fingerprint);
    const serials = [own, again.chain].map((pem) => new X509Certificate(pem).serialNumber);
    expect(new Set(serials).size).toBe(2);
  });

  test("expires after 30 days and issues no others", () => {
    const now = Date.parse("2030-01-01T00:00:00Z");
    const { chain: pem, expiresAt } = selfSignedCertificate(["localhost"], now);
    expect(new Date(expiresAt).toISOString()).toBe("2030-01-31T00:00:00.000Z");
    const certificate = new X509Certificate(pem);
    expect(certificate.validFromDate.toISOString()).toBe("2029-12-31T23:00:00.000Z");
    expect(certificate.ca).toBe(false);
  });
});

test("errors of certificates are of one class", () => {
  expect(() => readTexts("", "")).toThrow(CertificateError);
});
