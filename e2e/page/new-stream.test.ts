// The dialog for a new stream.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, message } from "./window.ts";

const NAME = /^[a-z]+-[a-z]+-\d\d$/;

function nameField(page: Page) {
  return page.getByRole("textbox", { name: "Name", exact: true });
}

pageSuite("a new stream", (rig) => {
  test(
    "has a name that can be said aloud, another one on demand",
    async () => {
      const page = await rig().open("/new");
      const first = await nameField(page).inputValue();
      expect(first).toMatch(NAME);
      await button(page, "Another name").click();
      const second = await nameField(page).inputValue();
      expect(second).toMatch(NAME);
      expect(second).not.toBe(first);
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      expect(new URL(page.url()).hash).toBe(`#${second}`);
    },
    TIMEOUT,
  );

  test(
    "gets another name if the proposed one is taken meanwhile",
    async () => {
      const page = await rig().open("/new");
      const taken = await nameField(page).inputValue();
      await rig().post(taken, "first");
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      const name = new URL(page.url()).hash.slice(1);
      expect(name).toMatch(NAME);
      expect(name).not.toBe(taken);
    },
    TIMEOUT,
  );

  test(
    "with a name that was chosen and is taken says so at the field, and offers to open it",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().open("/new");
      await nameField(page).fill("foo");
      await button(page, "Create").click();
      const error = page.getByRole("alert").getByText("A stream with this name already exists.");
      await error.waitFor();
      expect(await nameField(page).getAttribute("aria-invalid")).toBe("true");
      expect(await nameField(page).getAttribute("aria-describedby")).toBe(await error.getAttribute("id"));
      await button(page, "Open it").click();
      await message(page, "hello").waitFor();
      expect(new URL(page.url()).hash).toBe("#foo");
    },
    TIMEOUT,
  );

  test(
    "with an invalid name says so at the field, until it is changed",
    async () => {
      const page = await rig().open("/new");
      await nameField(page).fill("not a name");
      await button(page, "Create").click();
      await page.getByRole("alert").getByText("Names are 1 to 64 characters").waitFor();
      await nameField(page).fill("a-name");
      await page.getByRole("alert").waitFor({ state: "detached" });
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
    },
    TIMEOUT,
  );

  test(
    "asks for a name only where it can be chosen",
    async () => {
      const page = await rig().open("/");
      await button(page, /Keep it secret/).click();
      await page.getByRole("dialog", { name: "New stream" }).waitFor();
      expect(await page.getByRole("radio", { name: "Encrypted" }).isChecked()).toBe(true);
      for (const kind of ["Private", "Encrypted", "Pipe"]) {
        await page.getByRole("radio", { name: kind }).check();
        expect(await nameField(page).count()).toBe(0);
      }
      await page.getByRole("radio", { name: "Everyone" }).check();
      await nameField(page).waitFor();
    },
    TIMEOUT,
  );
});
