// The public API of encrypted streams and pipes: `malten/encrypted`.
import { parseLink, type Link } from "../../crypto/link.ts";
import { createSecrets, deriveKeys } from "../../crypto/secrets.ts";
import { Malten, MaltenError } from "../index.ts";
import { converted } from "./checks.ts";
import { clientOf, register, streamOf } from "./connect.ts";
import { EncryptedStream } from "./encrypted-stream.ts";
import type { Pipe } from "./pipe.ts";
import type { CreateEncryptedOptions, OpenOptions } from "./types.ts";

export type { EncryptedErrorCode } from "../error.ts";
export { EncryptedStream } from "./encrypted-stream.ts";
export type { Pipe } from "./pipe.ts";
export type {
  CreateEncryptedOptions,
  EncryptedEvent,
  EncryptedMessage,
  Links,
  OpenOptions,
  PipeEvent,
  PipeMessage,
  PipeState,
  Right,
  SendEncryptedOptions,
  Sender,
  Warning,
  WarningCode,
} from "./types.ts";

/**
 * Creates an encrypted stream and returns it with the right of its owner.
 * @throws MaltenError the server's reason, or `insecure_context` where the platform has no Web Crypto (a page over plain HTTP)
 */
export async function create(
  server: string | URL | Malten,
  options: CreateEncryptedOptions = {},
): Promise<EncryptedStream> {
  const malten = clientOf(server);
  const keys = await converted(deriveKeys(createSecrets()));
  const stream = streamOf(malten, keys);
  await register(malten, stream, options);
  return new EncryptedStream(malten, keys, stream, true);
}

/**
 * Opens an encrypted stream with the link of its owner, a writer or a reader. Does not connect yet.
 * @throws MaltenError `link_invalid`, `link_cut`, `link_damaged`, `link_newer`, `link_older`, `link_pipe`, `insecure_context`, `unsupported`
 */
export async function open(link: string, { malten }: OpenOptions = {}): Promise<EncryptedStream> {
  const { server, secrets } = await parsed(link);
  if (secrets.kind === "pipe")
    throw new MaltenError("link_pipe", "This is the link of a pipe: it is joined, not opened");
  const keys = await converted(deriveKeys(secrets));
  const client = malten ?? new Malten(server);
  return new EncryptedStream(client, keys, streamOf(client, keys));
}

/** Pipes: encrypted streams between two, with keys that only their two ends have, and only as long as they run. */
export const pipe = {
  /** Creates a pipe. Its link is for the other end, and for one use. @throws MaltenError as {@link create} */
  async create(server: string | URL | Malten, options: CreateEncryptedOptions = {}): Promise<Pipe> {
    const { createPipe } = await import("./open-pipe.ts");
    return createPipe(clientOf(server), options);
  },

  /** Joins a pipe, which uses up its link. @throws MaltenError as {@link open}, and `link_stream` for the link of a stream */
  async join(link: string, { malten }: OpenOptions = {}): Promise<Pipe> {
    const { server, secrets } = await parsed(link);
    if (secrets.kind !== "pipe")
      throw new MaltenError("link_stream", "This is the link of a stream: it is opened, not joined");
    const { joinPipeOf } = await import("./open-pipe.ts");
    return joinPipeOf(malten ?? new Malten(server), secrets);
  },
};

function parsed(link: string): Promise<Link> {
  return converted(Promise.resolve().then(() => parseLink(link)));
}
