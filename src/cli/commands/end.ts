import { MaltenError } from "../../client/index.ts";
import { looksLikeLink } from "../../crypto/looks-like-link.ts";
import { UsageError } from "../../options/errors.ts";
import type { Arguments, Command } from "../command.ts";
import { openStream } from "../encrypted.ts";
import { EXIT, Failure } from "../failure.ts";
import { linesOf } from "../lines.ts";
import { ENCRYPTED, LINK_FD, usesLink } from "../link.ts";
import { plain } from "../plain.ts";
import { connect, SERVER, streamName } from "../server.ts";
import { unlessStopped, type Session } from "../session.ts";

/** `malten end` */
export const end: Command = {
  name: "end",
  summary: "delete a stream, with its owner token",
  details: [
    "Deletes a stream and its messages for everyone. The owner token, as printed by",
    "malten new, is read from MALTEN_OWNER or standard input. It is not an option,",
    "because other users of the machine can see command lines.",
    "For an encrypted stream, leave out STREAM: its owner's link is in MALTEN_LINK,",
    "or asked for with --encrypted.",
  ],
  arguments: [{ name: "STREAM", impliedBy: usesLink }],
  options: [SERVER, ENCRYPTED, LINK_FD],
  async run(args, session) {
    if (usesLink(args, session.environment)) return endEncrypted(args, session);
    const name = streamName(args.first);
    const server = args.value(SERVER);
    const token = await unlessStopped(ownerToken(session), session.signal);
    const { malten } = await connect(server, session.signal);
    try {
      await malten.stream(name).end(token);
    } catch (error) {
      throw rejectionOf(name, error);
    }
    return EXIT.done;
  },
};

async function endEncrypted(args: Arguments, session: Session): Promise<number> {
  const { stream } = await openStream(args, session);
  try {
    await stream.end();
  } catch (error) {
    if (!(error instanceof MaltenError) || error.code !== "not_found") throw error;
    throw new Failure("stream not found: it has expired, or was deleted", { cause: error });
  } finally {
    stream.close();
  }
  return EXIT.done;
}

/** Rewords the server's rejection in terms of the stream; returns other errors unchanged. */
function rejectionOf(name: string, error: unknown): unknown {
  const code = error instanceof MaltenError ? error.code : undefined;
  if (code === "token_wrong") return new Failure(`invalid owner token for "${name}"`, { cause: error });
  if (code === "not_found")
    // The server does not distinguish these cases: it would reveal which private streams exist.
    return new Failure(
      `stream "${name}" not found: it expired, never existed, or is private and the owner token is wrong`,
      { cause: error },
    );
  return error;
}

async function ownerToken({ environment, input, errors }: Session): Promise<string> {
  const variable = environment["MALTEN_OWNER"] ?? "";
  if (variable === "" && input.isTTY) await errors.write(plain`Owner token: `);
  // The characters an Authorization header can carry.
  const given = variable === "" ? await firstLine(input) : variable;
  // A link must not be shown to a server.
  if (looksLikeLink(given))
    throw new UsageError("this is the link of an encrypted stream, not an owner token: use --encrypted");
  const token = /^\s*(?:MALTEN_OWNER=)?([\x21-\x7e]+)\s*$/.exec(given)?.[1];
  if (token !== undefined) return token;
  throw new Failure("owner token required: set MALTEN_OWNER or pipe it on stdin");
}

async function firstLine(input: Session["input"]): Promise<string> {
  for await (const { text } of linesOf(input, "reject")) return text;
  return "";
}
