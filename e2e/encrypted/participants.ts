// The three clients, used by people in one way: in a stream, and as an end of a pipe.
import { expect } from "bun:test";
import type { Page } from "playwright-core";
import {
  open,
  pipe,
  type EncryptedMessage,
  type Pipe,
  type PipeMessage,
} from "../../src/client/encrypted/index.ts";
import { malten, RunningCommand, TerminalCommand } from "../../test-support/command.ts";
import { openLink, shownLink } from "../page/encrypted.ts";
import type { Rig } from "../page/suite.ts";
import { button, draft, message } from "../page/window.ts";

export const KINDS = ["SDK", "terminal", "page"] as const;

export type Kind = (typeof KINDS)[number];

/** Someone in a stream, or at an end of a pipe. */
export interface Participant extends AsyncDisposable {
  say(text: string): Promise<void>;
  /** Resolves when this is the next text that it shows of others. */
  hears(text: string): Promise<void>;
}

export interface PipeParticipant extends Participant {
  /** The link for the other end; empty where it was joined. */
  readonly link: string;
  /** The six words, once it has heard something. */
  words(): Promise<string>;
}

/** Opens a stream by its link. */
export const OPEN: Readonly<Record<Kind, (rig: Rig, link: string) => Promise<Participant>>> = {
  async SDK(_, link) {
    const stream = await open(link);
    const messages = stream.listen({ since: "earliest", echo: false });
    return {
      say: async (text) => void (await stream.send(text)),
      hears: (text) => expectNext(messages, text),
      async [Symbol.asyncDispose]() {
        await messages.return?.();
        stream.close();
      },
    };
  },
  terminal(_, link) {
    const variables = { MALTEN_LINK: link };
    const tail = new RunningCommand(["tail", "--since", "earliest"], { variables });
    let own = "";
    return Promise.resolve({
      async say(text: string) {
        own = text;
        expect((await malten(["send"], { variables, input: `${text}\n` })).code).toBe(0);
      },
      async hears(text: string) {
        const line = await tail.line();
        expect(line === own ? await tail.line() : line).toBe(text);
      },
      [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose](),
    });
  },
  async page(rig, link) {
    const page = await openLink(rig, link);
    return participantOf(page);
  },
};

/** Creates a pipe. */
export const CREATE: Readonly<Record<Kind, (rig: Rig) => Promise<PipeParticipant>>> = {
  SDK: async ({ server }) => endOf(await pipe.create(server.url)),
  async terminal({ server }) {
    const variables = { NO_COLOR: "1", COLUMNS: "10000" };
    const command = new TerminalCommand(["pipe", "--new"], { server: server.url, variables });
    const shown = await command.until("Waiting for the other end…");
    return terminalEnd(command, /http\S+#v1:[\w-]+/.exec(shown)?.[0]);
  },
  async page(rig) {
    const page = await rig.open("/new");
    await page.getByRole("radio", { name: "Pipe" }).check();
    await button(page, "Create").click();
    return pageEnd(page, await shownLink(page));
  },
};

/** Joins a pipe. */
export const JOIN: Readonly<Record<Kind, (rig: Rig, link: string) => Promise<PipeParticipant>>> = {
  SDK: async (_, link) => endOf(await pipe.join(link)),
  terminal: (_, link) =>
    Promise.resolve(
      terminalEnd(new TerminalCommand(["pipe"], { variables: { MALTEN_LINK: link, NO_COLOR: "1" } })),
    ),
  async page(rig, link) {
    const page = await rig.open(link);
    await button(page, "Join").click();
    return pageEnd(page);
  },
};

async function expectNext(
  messages: AsyncIterator<EncryptedMessage | PipeMessage, undefined>,
  text: string,
): Promise<void> {
  const { value } = await messages.next();
  expect([value?.text, value && "warnings" in value ? value.warnings : undefined]).toEqual([text, undefined]);
}

function endOf(end: Pipe): PipeParticipant {
  const messages = end.messages();
  return {
    link: end.link ?? "",
    say: (text) => end.send(text),
    hears: (text) => expectNext(messages, text),
    async words() {
      await end.joined;
      return end.words.join(" ");
    },
    [Symbol.asyncDispose]: () => end.end(),
  };
}

function terminalEnd(command: TerminalCommand, link = ""): PipeParticipant {
  return {
    link,
    async say(text) {
      await command.until("these words");
      command.type(`${text}\n`);
    },
    hears: async (text) => void (await command.until(text)),
    async words() {
      const shown = await command.until("these words");
      return /^ {2}((?:[a-z]+ ){5}[a-z]+)\r$/m.exec(shown)?.[1] ?? "";
    },
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  };
}

function participantOf(page: Page): Participant {
  return {
    async say(text) {
      await draft(page).fill(text);
      await draft(page).press("Enter");
    },
    async hears(text) {
      await message(page, text).waitFor();
      expect(await page.locator(".gap").count()).toBe(0);
    },
    [Symbol.asyncDispose]: () => page.context().close(),
  };
}

function pageEnd(page: Page, link = ""): PipeParticipant {
  return {
    ...participantOf(page),
    link,
    async words() {
      await page.locator(".words").waitFor();
      return (await page.locator(".words li").allTextContents()).join(" ");
    },
  };
}
