import { KINDS } from "./access.ts";
import { areEqual, concat, fromBase64url, toBase64url, uint, type Bytes } from "./bytes.ts";
import { crc32 } from "./crc32.ts";
import { EncryptionError } from "./error.ts";
import { PART_BYTES, type StreamSecrets } from "./secrets.ts";

const VERSION = 1;

/** Size of the checksum at the end: without it, a link with a wrong character would open another stream, which is empty. */
const CHECKSUM_BYTES = 4;

/** What the link of a pipe contains: the secrets of a writer, and what the handshake begins with. */
export interface PipeSecrets {
  readonly kind: "pipe";
  readonly writeSecret: Bytes;
  /** SHA-256 of the owner's token. */
  readonly ownerHash: Bytes;
  /** The pre-shared key of the handshake. */
  readonly pipeSecret: Bytes;
  /** SHA-256 of the public key that the creator uses in the handshake. */
  readonly keyHash: Bytes;
}

export type LinkSecrets = StreamSecrets | PipeSecrets;

export interface Link {
  /** The server, with its base path and without query or fragment. */
  readonly server: URL;
  readonly secrets: LinkSecrets;
}

/** The fragment of a link: it is never sent to a server. Some programs escape the colon of a link that is pasted. */
const FRAGMENT = /#v(\d{1,9})(?::|%3A)([^#]*)$/i;

/** Formats a link, `https://host/#v1:<base64url>`. A secret. User and password in the URL of the server are left out. */
export function formatLink(server: URL, secrets: LinkSecrets): string {
  const content = concat(new Uint8Array([KINDS[secrets.kind]]), ...partsOf(secrets));
  return `${server.origin}${server.pathname}#v${VERSION}:${toBase64url(concat(content, checksum(content)))}`;
}

function checksum(content: Bytes): Bytes {
  return uint(crc32(content), CHECKSUM_BYTES);
}

function partsOf(secrets: LinkSecrets): Bytes[] {
  switch (secrets.kind) {
    case "owner":
      return [secrets.ownerSecret];
    case "writer":
      return [secrets.writeSecret, secrets.ownerHash];
    case "reader":
      return [secrets.readSecret, secrets.writeKey, secrets.tokensHash];
    case "pipe":
      return [secrets.writeSecret, secrets.ownerHash, secrets.pipeSecret, secrets.keyHash];
  }
}

/**
 * Parses a link. Errors never contain any of it.
 * @throws EncryptionError `link_invalid`, `link_cut`, `link_damaged`, `link_newer`, `link_older`
 */
export function parseLink(text: string): Link {
  const link = text.trim();
  const [fragment, version, content = ""] = FRAGMENT.exec(link) ?? [];
  if (fragment === undefined) throw invalid();
  const server = parseServer(link.slice(0, -fragment.length));
  if (Number(version) > VERSION) throw newer();
  if (Number(version) < VERSION) {
    throw new EncryptionError(
      "link_older",
      "The link was made by an older version of Malten, and no longer works",
    );
  }
  return { server, secrets: parseContent(content) };
}

function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) throw invalid();
  url.search = "";
  url.hash = "";
  return url;
}

/** Each content has a fixed size, so that a link that was cut is recognised. */
function parseContent(content: string): LinkSecrets {
  if (!/^[A-Za-z0-9_-]*$/.test(content)) throw invalid();
  if (content.length < 2) throw cut();
  // What was cut may not be base64url any more, but its beginning is.
  const kind = fromBase64url(`${content.slice(0, 2)}AA`)?.[0];
  const read = READERS.get(kind ?? 0);
  if (read === undefined) throw kind === 0 ? invalid() : newer();
  const size = 1 + read.parts * PART_BYTES;
  const length = Math.ceil(((size + CHECKSUM_BYTES) * 4) / 3);
  if (content.length < length) throw cut();
  if (content.length > length) throw invalid();
  const bytes = fromBase64url(content);
  if (bytes === undefined || !areEqual(checksum(bytes.slice(0, size)), bytes.slice(size))) throw damaged();
  return read.secrets((i) => bytes.slice(1 + i * PART_BYTES, 1 + (i + 1) * PART_BYTES));
}

const READERS = new Map<number, { parts: number; secrets: (part: (i: number) => Bytes) => LinkSecrets }>([
  [KINDS.owner, { parts: 1, secrets: (part) => ({ kind: "owner", ownerSecret: part(0) }) }],
  [
    KINDS.writer,
    { parts: 2, secrets: (part) => ({ kind: "writer", writeSecret: part(0), ownerHash: part(1) }) },
  ],
  [
    KINDS.reader,
    {
      parts: 3,
      secrets: (part) => ({ kind: "reader", readSecret: part(0), writeKey: part(1), tokensHash: part(2) }),
    },
  ],
  [
    KINDS.pipe,
    {
      parts: 4,
      secrets: (part) => ({
        kind: "pipe",
        writeSecret: part(0),
        ownerHash: part(1),
        pipeSecret: part(2),
        keyHash: part(3),
      }),
    },
  ],
]);

function invalid(): EncryptionError {
  return new EncryptionError("link_invalid", "Not the link of an encrypted stream");
}

function cut(): EncryptionError {
  return new EncryptionError("link_cut", "The end of the link is missing: copy all of it");
}

function damaged(): EncryptionError {
  return new EncryptionError("link_damaged", "A character of the link is wrong: copy it again");
}

function newer(): EncryptionError {
  return new EncryptionError("link_newer", "The link was made by a newer version of Malten: update this one");
}
