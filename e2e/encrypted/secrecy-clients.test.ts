// Everything that a server receives, sends, logs, measures and has in its memory, while the page and the terminal use an encrypted stream
// and a pipe: no text, name, secret or word.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { malten, RunningCommand } from "../../test-support/command.ts";
import { reportSkipped } from "../../test-support/skipped.ts";
import { shownLink } from "../page/encrypted.ts";
import { pageSuite, TIMEOUT, type Rig } from "../page/suite.ts";
import { button, draft, message, say } from "../page/window.ts";
import { Canaries } from "./canary.ts";
import type { Secret } from "./detector.ts";
import { closeAfterEach, closing } from "./network.ts";
import { JOIN } from "./participants.ts";
import { hiddenOf, wordsOf } from "./secrets-of.ts";
import { NOTHING, ServerUnderWatch } from "./server-under-watch.ts";

closeAfterEach();

const isPossible = process.platform === "linux";
if (!isPossible) reportSkipped("the search of the server's memory for secrets", "Linux");

/** The page creates something, and shares its link. */
async function created(rig: Rig, server: ServerUnderWatch, kind: "Encrypted" | "Pipe"): Promise<Page> {
  const page = await rig.open(`${server.url}/new`);
  await page.getByRole("radio", { name: kind }).check();
  await button(page, "Create").click();
  return page;
}

/** The page founds a stream, and the terminal uses it with the owner's link, so that all its secrets are known. */
async function useStream(rig: Rig, server: ServerUnderWatch, canaries: Canaries): Promise<Secret[]> {
  const page = await created(rig, server, "Encrypted");
  await button(page, "Share").first().click();
  await page.getByRole("radio", { name: "Yourself" }).check();
  await page.getByText("Keep this one to yourself").waitFor();
  const link = await shownLink(page);
  await page.keyboard.press("Escape");
  await button(page, /here/).click();
  await page.getByRole("textbox", { name: "Your name" }).fill(canaries.name("name in the page"));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  const variables = { MALTEN_LINK: link };
  const presence = canaries.name("presence in the terminal");
  const tail = closing(
    new RunningCommand(["tail", "--since", "earliest", "--name", presence], { variables }),
  );
  const typed = canaries.text("text in the page");
  await say(page, typed);
  expect(await tail.line()).toBe(typed);
  const sent = canaries.text("text in the terminal");
  const name = canaries.name("name in the terminal");
  expect((await malten(["send", "--name", name], { variables, input: sent })).code).toBe(0);
  await message(page, sent).waitFor();
  return hiddenOf("stream", link, "owner token");
}

/** The page creates a pipe that the terminal joins. */
async function usePipe(rig: Rig, server: ServerUnderWatch, canaries: Canaries): Promise<Secret[]> {
  const page = await created(rig, server, "Pipe");
  const link = await shownLink(page);
  const terminal = closing(await JOIN.terminal(rig, link));
  const typed = canaries.text("text in a pipe, from the terminal");
  await terminal.say(typed);
  await message(page, typed).waitFor();
  const answer = canaries.text("text in a pipe, from the page");
  await draft(page).fill(answer);
  await draft(page).press("Enter");
  await terminal.hears(answer);
  return [...hiddenOf("pipe", link, "write token"), ...wordsOf("pipe", (await terminal.words()).split(" "))];
}

if (isPossible)
  pageSuite("the page and the terminal", (rig) => {
    test(
      "keep from the server what it must not know",
      async () => {
        const server = closing(await ServerUnderWatch.start());
        const canaries = new Canaries();
        const hidden = await useStream(rig(), server, canaries);
        hidden.push(...(await usePipe(rig(), server, canaries)), ...canaries.secrets);
        expect(hidden.length).toBeGreaterThan(25);
        expect(await server.find(hidden)).toEqual(NOTHING);
        // The search finds what is there.
        const plain = new Canaries();
        await fetch(`${server.url}/messages`, {
          method: "POST",
          body: new URLSearchParams({ stream: "plain", text: plain.text("plain text") }),
        });
        const { network, memory } = await server.find(plain.secrets);
        expect([network.length > 0, memory.length > 0]).toEqual([true, true]);
        expect(await server.findInLog(hidden)).toEqual([]);
      },
      TIMEOUT,
    );
  });
