// What is the user's own in this tab, also after a reload: streams that they can end, and messages.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, log, message, say, state } from "./window.ts";

async function create(page: Page, name: string): Promise<void> {
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await button(page, "Create").click();
  await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
}

/** Opens the dialog that asks whether to end the stream. */
async function askToEnd(page: Page): Promise<void> {
  await button(page, "More").click();
  await button(page, "End this stream").click();
  await page.getByRole("dialog", { name: "End this stream?" }).waitFor();
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>(
    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
  );
}

pageSuite("what the tab keeps", (rig) => {
  test(
    "is which messages and streams are one’s own, so that the stream can be ended after a reload",
    async () => {
      const page = await rig().open("/new");
      await create(page, "mine");
      const bob = await rig().join("mine");
      await say(page, "from me");
      await message(bob, "from me").waitFor();
      await rig().post("mine", "from another");
      await page.reload();
      await message(page, "from another").waitFor();
      const own = page.locator(".message[data-own=true]");
      expect(await own.getByText("from me").count()).toBe(1);
      expect(await own.count()).toBe(1);

      await askToEnd(page);
      expect(await focused(page)).toBe("Cancel");
      await look(page, "end");
      await button(page, "Cancel").click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await focused(page)).toBe("More");
      const url = new URL("/messages?stream=mine", rig().server.url);
      expect(await (await fetch(url)).json()).toHaveLength(2);

      await askToEnd(page);
      await button(page, "End it for everyone").click();
      await log(bob).getByText("The owner ended this stream").waitFor();
      await state(page, "Ended").waitFor();
      // Another stream of this name would be another's.
      expect(await page.evaluate<string>("sessionStorage.getItem('malten.owned')")).toBe("[]");
      await button(page, "More").click();
      await button(page, "About this stream").waitFor();
      expect(await button(page, "End this stream").count()).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "is an owner token, which can be saved and ends the stream from elsewhere",
    async () => {
      const page = await rig().open("/new");
      await create(page, "mine");
      await page.reload();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await button(page, "More").click();
      await button(page, "About this stream").click();
      await page.getByRole("heading", { name: "This stream is yours" }).waitFor();
      await look(page, "owner");
      const [token = "", command = ""] = await page.locator(".owner code").allTextContents();
      expect(command).toBe(`MALTEN_OWNER=${token} malten end --server "${rig().server.url.origin}" mine`);
      const headers = { authorization: `Bearer ${token}` };
      const url = new URL("/streams?stream=mine", rig().server.url);
      expect((await fetch(url, { method: "DELETE", headers })).status).toBe(204);
      await page.getByRole("heading", { name: "This stream is yours" }).waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "is nothing of an encrypted stream, and no token of a stream that the server forgot",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("radio", { name: "Encrypted" }).check();
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your encrypted stream is ready" }).waitFor();
      await say(page, "psst");
      await page.locator(".message:not([data-sending])").getByText("psst").waitFor();
      expect(await page.evaluate<string>("Object.keys(sessionStorage).join()")).toBe("malten.name");

      await page.goto(new URL("/new", rig().server.url).href);
      await create(page, "mine");
      await page.locator(".life-left").waitFor();
      const { port } = rig().server;
      await rig().server.stop();
      await state(page, "Reconnecting").first().waitFor();
      await rig().startEmptyServer(port);
      await page.locator(".life-left").waitFor({ state: "detached" });
      expect(await page.evaluate<string>("sessionStorage.getItem('malten.owned')")).toBe("[]");
    },
    TIMEOUT,
  );
});
