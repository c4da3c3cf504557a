import { MaltenError } from "../../client/index.ts";
import type { Command } from "../command.ts";
import { EXIT, Failure } from "../failure.ts";
import { linesOf } from "../lines.ts";
import { reach, SERVER, streamName } from "../server.ts";
import { unlessStopped, type Session } from "../session.ts";

/** `malten end` */
export const end: Command = {
  name: "end",
  summary: "end a stream, with its owner token",
  details: [
    "Ends a stream for all. The owner token, which malten new printed, is taken from",
    "the variable MALTEN_OWNER, or else from the first line of the standard input:",
    "other users of a machine can read command lines.",
  ],
  arguments: [{ name: "STREAM" }],
  options: [SERVER],
  async run(args, session) {
    const name = streamName(args.first);
    const server = args.value(SERVER);
    const token = await unlessStopped(ownerToken(session), session.signal);
    const malten = await reach(server, session.signal);
    try {
      await malten.stream(name).end(token);
    } catch (error) {
      if (!(error instanceof MaltenError) || error.code !== "not_found") throw error;
      throw new Failure(
        `Stream ${name} expired or never existed, or it is private and this is not its owner token`,
        { cause: error },
      );
    }
    return EXIT.done;
  },
};

async function ownerToken({ environment, input, errors }: Session): Promise<string> {
  const variable = environment["MALTEN_OWNER"] ?? "";
  if (variable === "" && input.isTTY) await errors.write("Owner token: ");
  // What an Authorization header can carry; the rest is no token.
  const given = variable === "" ? await firstLine(input) : variable;
  const token = /^\s*(?:MALTEN_OWNER=)?([\x21-\x7e]+)\s*$/.exec(given)?.[1];
  if (token !== undefined) return token;
  throw new Failure("The owner token is missing: set MALTEN_OWNER, or write it to the standard input");
}

async function firstLine(input: Session["input"]): Promise<string> {
  for await (const { text } of linesOf(input, "refuse")) return text;
  return "";
}
