// The commands and programs that the page offers for a stream do what they say: each is copied from the page and run.
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expectNoProcessLeft } from "../../test-support/process.ts";
import { expectNoLink, openLink, TestStream } from "./encrypted.ts";
import { Shell } from "./shell.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { message } from "./window.ts";

afterAll(expectNoProcessLeft);

/** What the dialog offers, by label. */
async function offered(page: Page): Promise<Readonly<Record<string, string>>> {
  await page.locator(".bar").getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "From a terminal" }).click();
  await dialog.locator("dt").first().waitFor();
  const labels = await dialog.locator("dt").allTextContents();
  const commands = await dialog.locator("dd pre").allTextContents();
  await page.keyboard.press("Escape");
  return Object.fromEntries(labels.map((label, i) => [label, commands[i] ?? ""]));
}

/** The next text that a command prints: some begin with a blank line. */
async function printed({ lines }: ReturnType<Shell["run"]>): Promise<string | undefined> {
  for (;;) {
    const { value } = await lines.next();
    if (value !== "") return value;
  }
}

/** Waits until so many listen, the page included. */
function listeners(page: Page, count: number): Promise<void> {
  return page.locator(".pill").getByText(`${count} here`).waitFor();
}

pageSuite("from a terminal", (rig) => {
  for (const name of ["-amber.otter_42~", ".2c4tqk7x9w3m5n8p1r6s0v2y4z"])
    test(
      `the lines for ${name} work as they are`,
      async () => {
        await using shell = await Shell.open();
        const page = await rig().join(name);
        const line = await offered(page);

        shell.run(line["Write with curl"] ?? "");
        await message(page, "hello").waitFor();

        const curl = shell.run(line["Listen with curl"] ?? "");
        const tail = shell.run(line["Follow messages"] ?? "");
        await listeners(page, 3);
        await rig().post(name, "from outside");
        expect(await printed(curl)).toBe("from outside");
        expect(await printed(tail)).toBe("from outside");

        await Bun.write(join(shell.folder, "app.log"), "a line of a log\n");
        shell.run(line["Send a log, line by line"] ?? "");
        await message(page, "a line of a log").waitFor();

        await Bun.write(join(shell.folder, "program.mjs"), line["JavaScript or TypeScript"] ?? "");
        const program = shell.run(`'${process.execPath}' program.mjs`);
        await listeners(page, 4);
        await message(page, "hello").nth(1).waitFor();
        expect(await message(page, "hello").count()).toBe(2);
        await rig().post(name, "to the program");
        expect(await printed(program)).toBe("to the program");
        expect(rig().browserLog).toEqual([]);
      },
      TIMEOUT,
    );

  test(
    "the lines for an encrypted stream work, and none has the link",
    async () => {
      await using shell = await Shell.open();
      await using sealed = await TestStream.create(rig());
      const page = await openLink(rig(), sealed.links.writer);
      const line = await offered(page);
      expectNoLink(JSON.stringify(line));
      const link = `${sealed.links.writer}\n`;
      const { "Paste the link, unseen, into a variable": ask = "" } = line;

      const tail = shell.run(`${ask}\n${line["Follow messages"]}`, link);
      await listeners(page, 2);
      await Bun.write(join(shell.folder, "app.log"), "a line of a log\n");
      shell.run(`${ask}\n${line["Send a log, line by line"]}`, link);
      await message(page, "a line of a log").waitFor();
      expect(await printed(tail)).toBe("a line of a log");

      await Bun.write(join(shell.folder, "program.mjs"), line["JavaScript or TypeScript"] ?? "");
      const program = shell.run(`${ask}\n'${process.execPath}' program.mjs`, link);
      await message(page, "hello").waitFor();
      await listeners(page, 3);
      await sealed.stream.send("to the program");
      expect(await printed(program)).toBe("to the program");

      const reader = await offered(await openLink(rig(), sealed.links.reader));
      expect(Object.keys(reader)).not.toContain("Send a log, line by line");
      expect(JSON.stringify(reader)).not.toContain("send(");
    },
    TIMEOUT,
  );
});
