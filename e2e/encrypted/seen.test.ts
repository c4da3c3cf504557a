// What a hostile server does is seen in each client: in the events of the SDK, in the terminal, and in the page.
import { expect, test } from "bun:test";
import { open } from "../../src/client/encrypted/index.ts";
import { RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import { hostileSuite, Listener } from "./network.ts";
import { Story, STORY, STORY_TEXTS } from "./story.ts";

const server = hostileSuite();

test("the SDK tells it in events", async () => {
  const story = await Story.begin(server());
  const listener = await Listener.of(await open(story.links.reader));
  await story.tell();
  expect(await listener.until("the end")).toEqual(STORY);
});

/** A record of `tail --json`. */
interface Record {
  readonly type: string;
  readonly text: string;
  readonly code?: string;
}

test("`tail --json` tells it in records", async () => {
  const story = await Story.begin(server());
  const variables = { MALTEN_LINK: story.links.reader };
  await using tail = new RunningCommand(["tail", "--since", "earliest", "--json"], { variables });
  await story.tell();
  const seen: string[] = [];
  while (seen.at(-1) !== "the end") {
    const { type, text, code } = JSON.parse(await tail.line()) as Record;
    if (type !== "presence") seen.push(type === "message" ? text : `[${code ?? type}]`);
  }
  expect(seen).toEqual(STORY);
});

test("`tail` in a pipeline tells it on standard error", async () => {
  const story = await Story.begin(server());
  const variables = { MALTEN_LINK: story.links.writer };
  await using tail = new RunningCommand(["tail", "--since", "earliest"], { variables });
  await story.tell();
  expect(await tail.lines(STORY_TEXTS.length)).toEqual(STORY_TEXTS);
  const warnings: string[] = [];
  while (warnings.length < STORY.length - STORY_TEXTS.length) warnings.push(await tail.errorLine());
  expect(warnings.map((line) => line.replace(/\(.*\)$|between.*$/, "…"))).toEqual([
    "warning: the server shows others something else …",
    "warning: messages are missing, and the server does not say so …",
    "warning: a message was changed, or is not from anyone with the writer's link. It was left out",
    "warning: messages are missing, and the server does not say so …",
    "warning: the server shows others something else …",
    "warning: the server sent a message again. It was left out …",
    "warning: messages are missing, and the server does not say so …",
    "warning: the server shows others something else …",
    "warning: the server sent this message late …",
    "warning: some messages …",
  ]);
});

test("`tail` on a terminal tells it in between", async () => {
  const story = await Story.begin(server());
  const variables = { MALTEN_LINK: story.links.reader, NO_COLOR: "1" };
  await using tail = new TerminalCommand(["tail", "--since", "earliest"], { variables });
  await story.tell();
  const shown = await tail.until("the end");
  for (const warning of [
    "warning: the server shows others something else",
    "warning: messages are missing, and the server does not say so",
    "warning: a message was changed, or is not from anyone with the writer's link",
    "warning: the server sent a message again",
    "warning: the server sent this message late",
    "── some messages between",
  ])
    expect(shown).toContain(warning);
  expect(shown).not.toContain("withheld");
});
