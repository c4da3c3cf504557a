/** A command that writes a message. `origin` is the server's, without a slash at the end. */
export function curlWrite(origin: string, stream: string): string {
  return `curl -d text=hello "${origin}/messages?stream=${stream}"`;
}
