import { EncryptionError } from "../../src/crypto/error.ts";
import { parseLink } from "../../src/crypto/link.ts";
import { MaltenError } from "../../src/client/index.ts";

/** Why a link was not opened. `detail` is the host of a link of another server, or the text of an error without words of its own. */
export interface LinkProblem {
  readonly code: string;
  readonly detail: string;
  /** A link that another server can open. */
  readonly link?: string;
}

export interface ReadLink {
  /** The whole link, as the SDK takes it. */
  readonly link: string;
  readonly isPipe: boolean;
}

/**
 * Reads a link, also without the server in front. Sends nothing.
 * @throws EncryptionError if it is none; {@link OtherServer}
 */
export function readLink(text: string): ReadLink {
  const link = wholeLink(text.trim());
  const { server, secrets } = parseLink(link);
  if (server.origin !== location.origin) throw new OtherServer(link, server.host);
  return { link, isPipe: secrets.kind === "pipe" };
}

/** The link is of another server. */
class OtherServer extends Error {
  readonly link: string;
  readonly host: string;

  constructor(link: string, host: string) {
    super("The link is of another server");
    this.link = link;
    this.host = host;
  }
}

function wholeLink(text: string): string {
  if (/^#?v\d+(:|%3A)/i.test(text)) return `${location.origin}/#${text.replace("#", "")}`;
  return /^https?:/i.test(text) ? text : `${location.protocol}//${text}`;
}

export function problemOf(error: unknown): LinkProblem {
  if (error instanceof OtherServer) return { code: "host", detail: error.host, link: error.link };
  if (error instanceof EncryptionError || error instanceof MaltenError)
    return { code: error.code, detail: error.message };
  return { code: "internal", detail: String(error) };
}
