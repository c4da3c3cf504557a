// Pipes between two pages, and between a page and a program.
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { pipe, type Pipe } from "../../src/client/encrypted/index.ts";
import { Malten } from "../../src/client/index.ts";
import { listensWith } from "../../test-support/client/pipe-listeners.ts";
import { expectNoLink, shownLink } from "./encrypted.ts";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { button, draft, log, message, texts } from "./window.ts";

async function createPipe(rig: Rig): Promise<Page> {
  const page = await rig.open("/new");
  await page.getByRole("radio", { name: "Pipe" }).check();
  await button(page, "Create").click();
  await page.getByRole("heading", { name: "Your pipe is ready" }).waitFor();
  return page;
}

async function joinPipe(rig: Rig, link: string): Promise<Page> {
  const page = await rig.open(link);
  await page.getByRole("heading", { name: "Join this pipe?" }).waitFor();
  await button(page, "Join").click();
  return page;
}

/** A pipe in a program, such as the terminal, joined with the link in a page. */
async function joinAsProgram(rig: Rig, page: Page): Promise<Pipe & Disposable> {
  const malten = new Malten(rig.server.url);
  const end = await pipe.join(await shownLink(page), { malten });
  return Object.assign(end, { [Symbol.dispose]: () => malten.close() });
}

async function words(page: Page): Promise<string> {
  await page.locator(".words").waitFor();
  return (await page.locator(".words li").allTextContents()).join(" ");
}

async function send(page: Page, text: string): Promise<void> {
  await draft(page).fill(text);
  await draft(page).press("Enter");
}

function note(page: Page, text: string): Locator {
  return log(page).locator(".event").getByText(text);
}

pageSuite("a pipe", (rig) => {
  test(
    "connects two pages, which compare words and talk, until one ends it",
    async () => {
      const ada = await createPipe(rig());
      const link = await shownLink(ada);
      const bob = await joinPipe(rig(), link);
      expect(await words(bob)).toBe(await words(ada));
      expect((await words(ada)).split(" ")).toHaveLength(6);
      for (const page of [ada, bob]) {
        expectNoLink(page.url());
        await page.getByText("Not verified").waitFor();
        await button(page, "They match").click();
        await page.locator(".badge").getByText("Verified", { exact: true }).waitFor();
      }
      await send(ada, "Hello Bob");
      await message(bob, "Hello Bob").waitFor();
      await send(bob, "Hello Ada");
      await message(ada, "Hello Ada").waitFor();
      expect(await texts(bob)).toEqual(["Hello Bob", "Hello Ada"]);

      await button(ada, "Encrypted: what that means").click();
      await ada.getByText("You compared the words.").waitFor();
      await button(ada, "End the pipe").click();
      await button(ada, "End it now?").click();
      await bob.getByRole("alert").getByText("The other end has left.").waitFor();
      await ada.getByRole("alert").getByText("This pipe is closed").waitFor();
      for (const page of [ada, bob]) expect(await draft(page).count()).toBe(0);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "is joined by a button, not by opening the link; who comes later is refused",
    async () => {
      const ada = await createPipe(rig());
      const link = await shownLink(ada);
      const looking = await rig().open("/#~pipe-9");
      await looking.getByRole("heading", { name: "The link is needed again" }).waitFor();
      await looking.evaluate(`location.hash = ${JSON.stringify(new URL(link).hash)}`);
      await looking.getByRole("heading", { name: "Join this pipe?" }).waitFor();
      const bob = await joinPipe(rig(), link);
      await words(bob);
      await button(looking, "Join").click();
      await looking.getByText("Someone else has used this link before you.").waitFor();
      for (const page of [ada, bob]) await note(page, "Someone else tried to join with the link").waitFor();
      expect(await looking.locator(".words").count()).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "is lost with a reload; its creator can let the other end join again, and words are compared again",
    async () => {
      const ada = await createPipe(rig());
      const link = await shownLink(ada);
      const bob = await joinPipe(rig(), link);
      const before = await words(ada);
      await button(ada, "They match").click();
      // The server tells numbers once a second: an end that comes and goes in between was never there.
      const malten = new Malten(rig().server.url);
      await listensWith(malten, link, 3);
      malten.close();
      await bob.reload();
      await bob.getByText("The keys of this pipe were only in the page").waitFor();
      await ada.locator(".state").getByText("The other end isn’t connected").waitFor();
      await button(ada, "Let the other end join again").click();
      await bob.getByRole("textbox", { name: "Link" }).fill(link);
      await bob.keyboard.press("Enter");
      await button(bob, "Join").click();
      await ada.getByRole("heading", { name: "Compare again" }).waitFor();
      await note(ada, "The other end has new keys.").waitFor();
      expect(await words(ada)).not.toBe(before);
      expect(await words(bob)).toBe(await words(ada));
      await send(bob, "back again");
      await message(ada, "back again").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is ended if the words differ",
    async () => {
      const ada = await createPipe(rig());
      const bob = await joinPipe(rig(), await shownLink(ada));
      await words(bob);
      await button(ada, "They differ").click();
      await ada.getByRole("alert").getByText("Someone may be between you.").waitFor();
      await bob.getByText("The other end has left.").waitFor();
    },
    TIMEOUT,
  );

  test(
    "carries a file to another page",
    async () => {
      const ada = await createPipe(rig());
      const bob = await joinPipe(rig(), await shownLink(ada));
      await words(bob);
      const content = crypto.getRandomValues(new Uint8Array(60_000));
      const [chooser] = await Promise.all([
        bob.waitForEvent("filechooser"),
        button(bob, "Send a file").click(),
      ]);
      await chooser.setFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from(content) });
      await log(bob).getByText("photo.jpg\u2069 arrived").waitFor();
      await note(ada, "The other end has finished sending.").waitFor();
      const [download] = await Promise.all([
        ada.waitForEvent("download"),
        ada.getByRole("link", { name: "Save as a file" }).click(),
      ]);
      expect(await Bun.file(await download.path()).bytes()).toEqual(content);
      expect(await draft(bob).count()).toBe(0);
      await send(ada, "Thank you");
      await message(bob, "Thank you").waitFor();
    },
    TIMEOUT,
  );

  test(
    "carries texts and bytes to and from a program",
    async () => {
      const page = await createPipe(rig());
      using program = await joinAsProgram(rig(), page);
      await program.joined;
      expect(await words(page)).toBe(program.words.join(" "));
      await program.send("from a program");
      await message(page, "from a program").waitFor();
      await send(page, "to a program");
      const { value } = await program.messages().next();
      expect(value?.text).toBe("to a program");
      const writer = program.writable.getWriter();
      await writer.write(new Uint8Array(20_000));
      await writer.close();
      await log(page).getByText("Data received: \u206820\u00a0kB\u2069").waitFor();
    },
    TIMEOUT,
  );
});
