import type { ClientStream } from "../../client/index.ts";
import { flag } from "../../options/kinds.ts";
import { MAX_TEXT } from "../../protocol/limits.ts";
import { checkText } from "../../protocol/text.ts";
import type { Command } from "../command.ts";
import { explain } from "../explain.ts";
import { EXIT, Failure, Unreachable } from "../failure.ts";
import { linesOf, TOO_LONG, type Line } from "../lines.ts";
import { connect, SERVER, streamName } from "../server.ts";
import { unlessStopped, type Session } from "../session.ts";
import { split } from "../split.ts";
import { Window } from "../window.ts";

/** Messages in flight: more than the SDK puts on a connection, so that the connection never waits for input. */
const IN_FLIGHT = 512;

const SPLIT = flag({ name: "split", help: "split long lines into several messages" });

/** `malten send` */
export const send: Command = {
  name: "send",
  summary: "send a message, or each line of standard input",
  details: [
    "Sends TEXT as one message. Without TEXT, sends each line of standard input as it",
    "is read. Lines end with LF or CR LF; blank lines are skipped and counted.",
    `Stops at an invalid line: longer than ${MAX_TEXT} characters, not UTF-8, or with`,
    "control characters other than tab.",
  ],
  arguments: [{ name: "STREAM" }, { name: "TEXT", optional: true, variadic: true }],
  options: [SERVER, SPLIT],
  async run(args, session) {
    const name = streamName(args.first);
    const longLines = args.value(SPLIT) ? "split" : "reject";
    const malten = await connect(args.value(SERVER), session.signal);
    const stream = malten.stream(name);
    try {
      if (args.rest.length === 0) await sendLines(stream, linesOf(session.input, longLines), session);
      else await sendText(stream, args.rest.join(" "), longLines, session);
    } finally {
      stream.close();
    }
    return EXIT.done;
  },
};

async function sendText(
  stream: ClientStream,
  text: string,
  longLines: "reject" | "split",
  { signal }: Session,
): Promise<void> {
  const pieces = split(text);
  if (pieces.length > 1 && longLines === "reject") throw new Failure(TOO_LONG);
  for (const piece of pieces) checkText(piece);
  for (const piece of pieces) await stream.send(piece, { signal });
}

/** Sends the lines in order. @throws Failure or Unreachable with the number of the line that failed */
async function sendLines(
  stream: ClientStream,
  lines: AsyncIterable<Line>,
  { errors, signal }: Session,
): Promise<void> {
  const window = new Window(IN_FLIGHT);
  const rejection = Promise.withResolvers<never>();
  let sent = 0;
  let blank = 0;

  const sendAll = async () => {
    try {
      for await (const line of lines) {
        if (line.text.trim() === "") {
          blank++;
          continue;
        }
        check(line);
        await window.enter();
        stream
          .send(line.text, { signal })
          .then(() => {
            sent++;
            window.leave();
          })
          .catch((error: unknown) => rejection.reject(at(line, error)));
      }
    } finally {
      // Lines before an invalid one are still sent.
      await window.empty();
    }
  };

  try {
    // The input may be idle when the server rejects a message.
    await unlessStopped(Promise.race([sendAll(), rejection.promise]), signal);
  } catch (error) {
    await errors.line(`sent ${plural(sent, "message")}`);
    throw error;
  } finally {
    if (blank > 0) await errors.line(`skipped ${plural(blank, "blank line")}`);
  }
}

/** Checks a line before it is sent, so that no later line is sent either. @throws Failure */
function check(line: Line): void {
  try {
    checkText(line.text);
  } catch (error) {
    throw at(line, error);
  }
}

/** Adds the line number to an error. */
function at({ number }: Line, error: unknown): Error {
  const { message, exitCode } = explain(error);
  const ErrorType = exitCode === EXIT.unreachable ? Unreachable : Failure;
  return new ErrorType(`line ${number}: ${message}`, { cause: error });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
