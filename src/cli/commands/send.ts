import type { Stream } from "../../client/index.ts";
import { checkText } from "../../protocol/text.ts";
import type { Command } from "../command.ts";
import { explain } from "../explain.ts";
import { EXIT, Failure, Unreachable } from "../failure.ts";
import { linesOf, type Line } from "../lines.ts";
import { flag } from "../option.ts";
import { reach, SERVER, streamName } from "../server.ts";
import { unlessStopped, type Session } from "../session.ts";
import { split } from "../split.ts";
import { Window } from "../window.ts";

/** Messages that are on their way at once: more than the SDK gives a connection, so that it never waits for the input. */
const IN_FLIGHT = 512;

const SPLIT = flag({ name: "split", help: "make several messages of a line that is too long for one" });

/** `malten send` */
export const send: Command = {
  name: "send",
  summary: "send a message, or each line of the input",
  details: [
    "Sends TEXT as one message, or else each line of the standard input as it comes.",
    "Lines end with LF or CR LF. Blank ones are skipped, and counted at the end.",
    "It stops at a line that is no message: longer than 1024 characters, not UTF-8,",
    "or with control characters other than tab.",
  ],
  arguments: [{ name: "STREAM" }, { name: "TEXT", optional: true, many: true }],
  options: [SERVER, SPLIT],
  async run(args, session) {
    const name = streamName(args.first);
    const longLines = args.value(SPLIT) ? "split" : "refuse";
    const malten = await reach(args.value(SERVER), session.signal);
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
  stream: Stream,
  text: string,
  longLines: "refuse" | "split",
  { signal }: Session,
): Promise<void> {
  const texts = longLines === "split" ? split(text) : [text];
  for (const piece of texts) checkText(piece);
  for (const piece of texts) await stream.send(piece, { signal });
}

/** Sends the lines in order. @throws Failure, Unreachable that names the line where it had to stop */
async function sendLines(
  stream: Stream,
  lines: AsyncIterable<Line>,
  { errors, signal }: Session,
): Promise<void> {
  const window = new Window(IN_FLIGHT);
  const refusal = Promise.withResolvers<never>();
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
          .catch((error: unknown) => refusal.reject(at(line, error)));
      }
    } finally {
      // What stands before a line that cannot be sent is sent all the same.
      await window.empty();
    }
  };

  try {
    // The input may be silent when a message is refused.
    await unlessStopped(Promise.race([sendAll(), refusal.promise]), signal);
  } catch (error) {
    await errors.line(`malten: ${counted(sent, "message was", "messages were")} sent`);
    throw error;
  } finally {
    if (blank > 0)
      await errors.line(`malten: ${counted(blank, "blank line was", "blank lines were")} skipped`);
  }
}

/** Before it is on its way, so that nothing behind it is either. @throws Failure */
function check(line: Line): void {
  try {
    checkText(line.text);
  } catch (error) {
    throw at(line, error);
  }
}

function at({ number }: Line, error: unknown): Error {
  const { message, exitCode } = explain(error);
  const words = `Line ${number}: ${message}`;
  return exitCode === EXIT.unreachable
    ? new Unreachable(words, { cause: error })
    : new Failure(words, { cause: error });
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
