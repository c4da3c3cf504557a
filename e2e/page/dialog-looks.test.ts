// How dialogs and menus look, and the page where something does not work: screenshots for people, accessibility checks by axe.
import { test } from "bun:test";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, listed, message } from "./window.ts";

pageSuite("looks: dialogs", (rig) => {
  test(
    "of a stream: the menu, about, from a terminal, sharing, people",
    async () => {
      await rig().post("foo", "hello", "Ada");
      const page = await rig().join("foo");
      await message(page, "hello").waitFor();
      await button(page, "More").click();
      await look(page, "menu");
      await button(page, "About this stream").click();
      await look(page, "about");
      await page.keyboard.press("Escape");
      await button(page, "More").click();
      await button(page, "From a terminal").click();
      await page.getByRole("dialog").locator("dt").first().waitFor();
      await look(page, "terminal");
      await page.keyboard.press("Escape");
      await button(page, "Share").click();
      await page.locator('dialog .qr path[d^="M"]').waitFor();
      await look(page, "share-public");
      await page.keyboard.press("Escape");
      await button(page, /here/).click();
      await page.getByRole("dialog").waitFor();
      await look(page, "people-alone");
    },
    TIMEOUT,
  );

  test(
    "for a new stream: each kind, and a name that is taken",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().open("/new");
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("foo");
      await button(page, "Create").click();
      await button(page, "Open it").waitFor();
      await look(page, "new-taken");
      for (const kind of ["Private", "Encrypted", "Pipe"]) {
        await page.getByRole("radio", { name: kind }).check();
        await look(page, `new-${kind.toLowerCase()}`);
      }
    },
    TIMEOUT,
  );

  test(
    "the start page without a server",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().open("/");
      await listed(page, "foo").waitFor();
      await rig().server.stop();
      await page.locator(".explore-note").filter({ hasText: /\S/ }).waitFor();
      await look(page, "home-no-server");
    },
    TIMEOUT,
  );
});
