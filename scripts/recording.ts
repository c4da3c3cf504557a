// Records the terminal in README.md: a real server, the real command line in a pseudo-terminal, and two people who talk to it through
// the SDK. Run: bun scripts/recording.ts
import { join } from "node:path";
import { Malten, type ClientStream } from "../src/client/index.ts";
import { ServerProcess, SOURCE } from "../test-support/process.ts";
import { animatedSvg } from "./recording/animation.ts";
import { Recorder } from "./recording/recorder.ts";

const TARGET = join(import.meta.dir, "..", "docs", "images", "terminal.svg");

const SIZE = { columns: 80, rows: 16 };

const STREAM = "mountain-hut";

await using server = await ServerProcess.start();
const malten = { Ada: new Malten(server.url), Bob: new Malten(server.url) };

/** Other streams, with their time-to-live in seconds. */
for (const [stream, ttl] of [
  ["sensor.attic", 40],
  ["book-club", 3600],
  ["deploy-log", 90],
] as const) {
  await malten.Ada.create({ name: stream, ttl });
  await malten.Ada.stream(stream).send("hello");
}
// They should be seen to drain.
await Bun.sleep(15_000);

await using terminal = new Recorder(
  [],
  {
    command: ["bash", "--norc", "--noprofile", "-i"],
    server: server.url,
    variables: {
      PS1: "$ ",
      TERM: "xterm-256color",
      NO_COLOR: "",
      // A function that the shell inherits.
      "BASH_FUNC_malten%%": `() { ${SOURCE.join(" ")} "$@"; }`,
      BASH_SILENCE_DEPRECATION_WARNING: "1",
    },
  },
  SIZE,
);

await record();
const still = terminal.frames.findLast(({ rows }) =>
  rows.some((row) => row.some(({ text }) => text.includes("typing…"))),
);
if (still === undefined) throw new Error("nobody was seen typing");
const svg = animatedSvg({
  frames: terminal.frames,
  length: terminal.length,
  still,
  columns: SIZE.columns,
  title:
    "malten chat in a terminal: three people talk in a stream; then malten streams lists the streams and how long they live",
});
await Bun.write(TARGET, svg);
for (const client of Object.values(malten)) client.close();

async function record(): Promise<void> {
  const ada = person("Ada");
  const bob = person("Bob");
  await ada.says("The hut has six beds left for Saturday.");
  await terminal.row(/^\$$/);
  terminal.hold(500);
  await terminal.typeSlowly(`malten chat ${STREAM} --name Eve`);
  terminal.hold(400);
  terminal.type("\r");
  await terminal.row("3 here");
  terminal.hold(1800);

  bob.types();
  await terminal.row("Bob is typing…");
  terminal.hold(1500);
  await bob.says("Count me in. I can take the 7:12 from Zürich.");
  await terminal.row(": Count me in");
  terminal.hold(1400);

  await terminal.typeSlowly("Same train! Shall I");
  // What comes in does not disturb the line that is being typed.
  await ada.says("Weather looks fine until Sunday noon.");
  await terminal.row("Weather looks fine");
  terminal.hold(700);
  await terminal.typeSlowly(" reserve for three?");
  terminal.hold(400);
  terminal.type("\r");
  await terminal.row("Eve: Same train!");
  terminal.hold(900);
  ada.types();
  await terminal.row("Ada is typing…");
  terminal.hold(1500);
  await ada.says("Yes, please: https://example.com/huts/42");
  await terminal.row("Yes, please");
  terminal.hold(2000);
  bob.leaves();
  await terminal.row("Bob left");
  terminal.hold(1200);

  await terminal.typeSlowly("/quit");
  terminal.hold(300);
  terminal.type("\r");
  await terminal.row(/^\$$/);
  terminal.hold(600);
  await terminal.typeSlowly("malten streams");
  terminal.hold(300);
  terminal.type("\r");
  await terminal.see(
    (rows) => rows.some((row) => row.startsWith("STREAM")) && rows.filter((row) => row === "$").length === 1,
  );
  terminal.hold(5000);
}

interface Speaker {
  says(text: string): Promise<void>;
  types(): void;
  leaves(): void;
}

/** Somebody who listens to the stream, under a name. */
function person(name: keyof typeof malten): Speaker {
  const stream: ClientStream = malten[name].stream(STREAM);
  stream.onPresence(() => {});
  stream.setPresence({ name });
  return {
    async says(text) {
      stream.setPresence({ name });
      await stream.send(text, { name });
    },
    types: () => stream.setPresence({ name, status: "typing" }),
    leaves: () => stream.close(),
  };
}
