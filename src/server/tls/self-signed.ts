import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate as X509,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_kp_serverAuth,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { describeCertificate, type Certificate } from "./certificate.ts";

/** In milliseconds. */
const HOUR = 60 * 60 * 1000;

/** For a try-out, which should not be forgotten for years. */
const VALID_FOR = 30 * 24 * HOUR;

/** RFC 5758 §3.2. */
const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

/** RFC 4519 §2.3. */
const COMMON_NAME = "2.5.4.3";

/** `localhost`, the name and the addresses of this machine: the names that a self-signed certificate is for. */
export function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((found = []) =>
    // A link-local address is only usable with the name of a network interface, which certificates cannot have.
    found.flatMap(({ address, scopeid = 0 }) => (scopeid === 0 ? [address] : [])),
  );
  return Array.from(new Set(["localhost", hostname().toLowerCase(), ...addresses]));
}

/**
 * Makes a certificate for these host names and addresses (RFC 5280), valid from an hour ago, because clocks differ, for 30
 * days. Its key exists in memory only. `now` is in milliseconds since 1970.
 */
export function selfSignedCertificate(names: readonly string[], now: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const value = new AttributeValue({ utf8String: "Malten, self-signed" });
  const name = new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })]),
  ]);
  const content = new TBSCertificate({
    version: Version.v3,
    serialNumber: bufferOf(serialNumber()),
    signature: algorithm,
    issuer: name,
    subject: name,
    validity: new Validity({ notBefore: new Date(now - HOUR), notAfter: new Date(now + VALID_FOR) }),
    subjectPublicKeyInfo: AsnConvert.parse(
      publicKey.export({ type: "spki", format: "der" }),
      SubjectPublicKeyInfo,
    ),
    extensions: new Extensions([
      extension(id_ce_subjectAltName, new SubjectAlternativeName(names.map(generalName))),
      // Trusting it means trusting this server only: it cannot issue other certificates.
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    ]),
  });
  const signature = sign("sha256", new Uint8Array(AsnConvert.serialize(content)), privateKey);
  const own = new X509Certificate(
    new Uint8Array(
      AsnConvert.serialize(
        new X509({
          tbsCertificate: content,
          signatureAlgorithm: algorithm,
          signatureValue: bufferOf(signature),
        }),
      ),
    ),
  );
  return {
    chain: own.toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    ...describeCertificate(own),
  };
}

/** Random, positive and without leading zeros (RFC 5280 §4.1.2.2): browsers reject two certificates with the same. */
function serialNumber(): Uint8Array {
  return Uint8Array.of(1, ...randomBytes(16));
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function generalName(name: string): GeneralName {
  return new GeneralName(isIP(name) === 0 ? { dNSName: name } : { iPAddress: name });
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
