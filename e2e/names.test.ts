// Who said what, in one stream: two browsers, a terminal and curl.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { WireMessage } from "../src/protocol/message.ts";
import { environment, linesOf } from "../test-support/process.ts";
import { ScreenCommand } from "../test-support/screen.ts";
import { authors, draft, log } from "./page/window.ts";
import { pageSuite, TIMEOUT } from "./page/suite.ts";

/** Everything that is said, in order. Nobody gave the last one a name. */
const SAID = [
  ["Ada", "from a browser"],
  ["Zoë 你", "from another"],
  ["Bob", "from a terminal"],
  ["curl", "from curl"],
  [undefined, "from nobody"],
] as const;

/** Writes the first message on a page, with a name. */
async function introduce(page: Page, name: string, text: string): Promise<void> {
  await draft(page).fill(text);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await draft(page).press("Enter");
}

function curl(...args: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn(["curl", "-q", "-sS", ...args], {
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

pageSuite("names", (rig) => {
  test.skipIf(Bun.which("curl") === null)(
    "are seen by all, whoever gave them and wherever",
    async () => {
      const { url } = rig().server;
      const all = new URL("/events?stream=names&last=earliest", url).href;
      const listener = curl("-N", "-H", "Accept: application/x-ndjson", all);
      using _ = { [Symbol.dispose]: () => listener.kill() };
      const [ada, zoe] = [await rig().join("names"), await rig().join("names")];
      await using terminal = new ScreenCommand(["chat", "names", "--name", "Bob"], { server: url });
      await terminal.row("no messages yet");

      await introduce(ada, "Ada", "from a browser");
      await terminal.row(/ Ada: from a browser$/);
      await introduce(zoe, "Zoë 你", "from another");
      await terminal.row(/ Zoë 你: from another$/);
      terminal.type("from a terminal\r");
      await terminal.row(/ Bob: from a terminal$/);
      const post = (...data: string[]) =>
        curl(
          ...data.flatMap((each) => ["--data-urlencode", each]),
          new URL("/messages?stream=names", url).href,
        );
      expect(await post("text=from curl", "name=curl").exited).toBe(0);
      const nameless = await post("text=from nobody").stdout.text();
      await terminal.row(/ curl: from curl$/);
      await terminal.row(/ \(anonymous\): from nobody$/);

      const lines: string[] = [];
      for await (const line of linesOf(listener.stdout)) {
        if (line.includes('"Type":"message"')) lines.push(line);
        if (lines.length === SAID.length) break;
      }
      const received = lines.map((line) => JSON.parse(line) as WireMessage & { Name?: string });
      expect(received.map(({ Name, Text }) => [Name, Text])).toEqual(SAID.map((said) => [...said]));
      // Clients of the original server see no difference.
      expect(nameless).toBe(lines.at(-1) ?? "");
      expect(nameless).toMatch(
        /^\{"Id":"[^"]+","Text":"from nobody","Type":"message","Created":"\d+000","Stream":"names","Metadata":null\}$/,
      );

      for (const [page, own] of [
        [ada, "Ada"],
        [zoe, "Zoë 你"],
      ] as const) {
        await log(page).getByText("from nobody").waitFor();
        const others = SAID.map(([name]) => name ?? "No name").filter((name) => name !== own);
        expect(await authors(page)).toEqual(others);
      }
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );
});
