import type { Key } from "../language/dictionary.ts";
import { curlWrite } from "./curl.ts";

/** What to type in a terminal, or a program, for one stream. */
export interface Recipe {
  /** What it is for. */
  readonly label: Key;
  readonly text: string;
}

/*
 * Names of streams need no quotes: they consist of the unreserved characters of a URL, and those that begin with a tilde are encrypted
 * streams. Double quotes around a URL work in cmd.exe, too.
 */

/** Everything that can be done with a stream from outside the page. `origin` is the server's, without a slash at the end. */
export function recipes(origin: string, stream: string): readonly Recipe[] {
  const name = lastArgument(stream);
  return [
    { label: "terminalWrite", text: curlWrite(origin, stream) },
    {
      label: "terminalListen",
      text: `curl -N -H "Accept: text/plain" "${origin}/events?stream=${stream}"`,
    },
    { label: "terminalTail", text: `malten tail --server "${origin}" ${name}` },
    { label: "terminalSend", text: `tail -f app.log | malten send --server "${origin}" ${name}` },
    {
      label: "terminalSdk",
      text: `import { Malten } from "@malten/client";

const stream = new Malten("${origin}").stream("${stream}");
await stream.send("hello");
for await (const { text } of stream.listen()) console.log(text);`,
    },
  ];
}

/** Ends a stream. With the token in the environment: other users of a machine see the arguments of a program. */
export function endCommand(origin: string, stream: string, owner: string): string {
  return `MALTEN_OWNER=${owner} malten end --server "${origin}" ${lastArgument(stream)}`;
}

/** A name that begins with a dash would be taken for an option. */
function lastArgument(stream: string): string {
  return stream.startsWith("-") ? `-- ${stream}` : stream;
}

/** The same for an encrypted stream, whose link is a key: it is in no command, where others could see it. */
export function encryptedRecipes(canWrite: boolean): readonly Recipe[] {
  const send = `
await stream.send("hello");`;
  return [
    { label: "terminalLink", text: "read -rs MALTEN_LINK && export MALTEN_LINK" },
    { label: "terminalTail", text: "malten tail" },
    ...(canWrite ? [{ label: "terminalSend", text: "tail -f app.log | malten send" } as const] : []),
    {
      label: "terminalSdk",
      text: `import { open } from "@malten/client/encrypted";

const stream = await open(process.env.MALTEN_LINK);${canWrite ? send : ""}
for await (const { text } of stream.listen()) console.log(text);`,
    },
  ];
}
