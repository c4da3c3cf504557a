/** The address of encrypted streams and pipes while there is no name to show. */
export const ENCRYPTED = "~";

/** The beginning of the addresses of pipes, whose names are not shown: they cannot be opened again. No stream has such a name. */
export const PIPE = `${ENCRYPTED}pipe-`;

export function addressOf(stream: string | undefined): string {
  return stream === undefined ? "/" : `/#${stream}`;
}

/** The whole address, to be given to others. */
export function linkTo(stream: string): string {
  return new URL(addressOf(stream), location.origin).href;
}

/** Reports whether this is the name of an encrypted stream or the address of a pipe. */
export function isEncrypted(name: string): boolean {
  return name.startsWith(ENCRYPTED);
}
