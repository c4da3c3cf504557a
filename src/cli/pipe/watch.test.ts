import { expect, test } from "bun:test";
import type { PipeEvent } from "../../client/encrypted/index.ts";
import { Watch } from "./watch.ts";

/** A watch of a pipe with these events, and what it prints. */
function watched(events: PipeEvent[], patience?: number): { watch: Watch; lines: Promise<string[]> } {
  const lines: string[] = [];
  const over = Promise.withResolvers<string[]>();
  async function* tell(): AsyncGenerator<PipeEvent, undefined> {
    yield* await Promise.resolve(events);
    over.resolve(lines);
  }
  const watch = new Watch(
    { events: tell },
    {
      warn({ text }) {
        lines.push(text);
        return Promise.resolve();
      },
      rekeyed(words) {
        lines.push(words.join(" "));
        return Promise.resolve();
      },
    },
    patience,
  );
  return { watch, lines: over.promise };
}

test("an end that is not connected is waited for, and given up in the end", async () => {
  const { watch, lines } = watched([{ type: "away" }, { type: "back" }, { type: "away" }], 0);
  expect(await lines).toEqual([
    "the other end is not connected; waiting for it",
    "the other end is back",
    "the other end is not connected; waiting for it",
  ]);
  expect(await watch.lost.catch(String)).toContain("the other end was disconnected, and did not come back");
});

test("warnings control nothing, and someone who was refused is told once", async () => {
  const { watch, lines } = watched([
    { type: "warning", code: "altered", text: "Not \u001b[31mauthentic" },
    { type: "refused" },
    { type: "refused" },
    { type: "finished" },
    { type: "rekeyed", words: ["one", "two"] },
  ]);
  const [altered, refused, ...rest] = await lines;
  expect(altered).toBe("warning: not ␛[31mauthentic");
  expect(refused).toStartWith("warning: someone else tried to use the link, and was refused");
  expect(rest).toEqual(["one two"]);
  expect(watch.wasRefused).toBe(true);
});
