import { formatLink, type PipeSecrets } from "../../crypto/link.ts";
import { joinPipe, openPipe } from "../../crypto/pipe/index.ts";
import { random } from "../../crypto/primitives.ts";
import { createSecrets, deriveKeys, PART_BYTES } from "../../crypto/secrets.ts";
import { MaltenError, type Malten } from "../index.ts";
import { converted } from "./checks.ts";
import { register, serverOf, streamOf } from "./connect.ts";
import { Pipe } from "./pipe.ts";
import type { CreateEncryptedOptions } from "./types.ts";

/** Milliseconds of a clock that does not jump. */
const now = () => performance.now();

/** Creates a pipe at the server. @throws MaltenError */
export async function createPipe(malten: Malten, options: CreateEncryptedOptions): Promise<Pipe> {
  const keys = await converted(deriveKeys(createSecrets()));
  const { writer } = keys.secrets;
  if (!writer) throw new MaltenError("read_only", "Cannot write");
  const secret = random(PART_BYTES);
  const { end, keyHash } = await converted(openPipe({ stream: keys.name, secret: secret.slice(), now }));
  const stream = streamOf(malten, keys);
  await register(malten, stream, options);
  const link = formatLink(serverOf(malten), { ...writer, kind: "pipe", pipeSecret: secret, keyHash });
  const { access } = keys;
  return new Pipe(stream, end, { link, erase: () => stream.end(access).catch(() => {}) });
}

/** Joins a pipe with the secrets of its link. @throws MaltenError */
export async function joinPipeOf(malten: Malten, secrets: PipeSecrets): Promise<Pipe> {
  const { writeSecret, ownerHash, pipeSecret: secret, keyHash } = secrets;
  const keys = await converted(deriveKeys({ kind: "writer", writeSecret, ownerHash }));
  const end = joinPipe({ stream: keys.name, secret, keyHash, now });
  return new Pipe(streamOf(malten, keys), end);
}
