import type { Clock } from "../../core/clock.ts";
import type { Logger, ProcessLogger } from "../log.ts";
import { CertificateError, readCertificate, type Certificate, type CertificateFiles } from "./certificate.ts";

/** What {@link reloadCertificate} needs from a server. */
interface CertificateUser {
  replaceCertificate(certificate: Certificate): void;
}

/** Reads the certificate again, for new connections. If that fails, the server keeps the one it has, and a warning is logged. */
export function reloadCertificate(
  files: CertificateFiles,
  server: CertificateUser,
  log: ProcessLogger,
  clock: Clock,
): void {
  try {
    const certificate = readCertificate(files);
    server.replaceCertificate(certificate);
    const { expiresAt, fingerprint } = certificate;
    log.info("certificate reloaded", { expires: new Date(expiresAt).toISOString(), fingerprint });
    warnIfExpired(certificate, log, clock);
  } catch (error) {
    if (error instanceof CertificateError)
      log.warning(`certificate not reloaded, the old one is kept: ${error.message}`);
    else log.error("reloading the certificate", error);
  }
}

export function warnIfExpired({ expiresAt }: Certificate, log: Logger, clock: Clock): void {
  if (expiresAt > clock.wall() / 1000) return;
  log.warning(`the certificate expired on ${new Date(expiresAt).toISOString()}: clients will not connect`);
}
