import type { EncryptedStream } from "../client/encrypted/index.ts";
import type { Limits } from "../client/index.ts";
import { UsageError } from "../options/errors.ts";
import type { OptionValues } from "../options/resolve.ts";
import { readLink, STREAM_LINK } from "./link.ts";
import { connect, SERVER, type Server } from "./server.ts";
import type { Session } from "./session.ts";

/** An encrypted stream whose server has answered. */
export interface OpenedStream {
  readonly stream: EncryptedStream;
  readonly limits: Limits;
}

/**
 * Gets a link and opens its stream.
 * @param needsInput standard input is not for the link
 * @throws UsageError, EncryptionError, MaltenError or Failure
 */
export async function openStream(
  values: OptionValues,
  session: Session,
  needsInput = false,
): Promise<OpenedStream> {
  const link = await readLink(values, session, { question: STREAM_LINK, needsInput });
  const { malten, limits } = await connectTo(link, "stream", values, session);
  // Loaded only when it is used, because that takes time.
  const { open } = await import("../client/encrypted/index.ts");
  return { stream: await open(link, { malten }), limits };
}

/** Connects to the server of a link. @throws UsageError, EncryptionError, MaltenError or Failure */
export async function connectTo(
  link: string,
  use: "stream" | "pipe",
  values: OptionValues,
  session: Session,
): Promise<Server> {
  if (values.isFlag(SERVER))
    throw new UsageError("--server cannot be used with a link, which names its server");
  const { parseLink } = await import("../crypto/link.ts");
  const { server, secrets } = parseLink(link);
  const isPipe = secrets.kind === "pipe";
  if (isPipe && use === "stream")
    throw new UsageError("this is the link of a pipe. Join it with: malten pipe");
  if (!isPipe && use === "pipe")
    throw new UsageError("this is the link of a stream, not of a pipe. Use: malten tail --encrypted");
  return connect(server, session.signal);
}
