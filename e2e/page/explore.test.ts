// The stream list; creating, sharing and ending a stream.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, listed, log, message, say, state } from "./window.ts";

pageSuite("streams", (rig) => {
  test(
    "appear when created, show their listeners, and disappear when they end",
    async () => {
      const page = await rig().open("/");
      await page.getByText("No streams right now").waitFor();
      await rig().post("foo", "hello");
      await listed(page, "foo").waitFor();
      await rig().join("foo");
      await listed(page, "foo").getByText("1 here").waitFor();

      const url = new URL("/streams?stream=brief", rig().server.url);
      const { owner } = (await (await fetch(url, { method: "POST" })).json()) as Record<"owner", string>;
      await rig().post("brief", "gone soon");
      await listed(page, "brief").waitFor();
      await fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${owner}` } });
      await listed(page, "brief").waitFor({ state: "detached" });
      expect(await listed(page, "foo").count()).toBe(1);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "are found by prefix",
    async () => {
      for (const name of ["alpha", "alps", "beta"]) await rig().post(name, "hello");
      const page = await rig().open("/");
      await listed(page, "beta").waitFor();
      await page.getByRole("searchbox").fill("al");
      await listed(page, "beta").waitFor({ state: "detached" });
      expect(await page.locator(".stream-name").allTextContents()).toEqual(["alps", "alpha"]);
      await page.getByRole("searchbox").fill("zebra");
      await page.getByText("No public stream starts with").waitFor();
    },
    TIMEOUT,
  );

  test(
    "beyond a hundred are not shown, and the list says so",
    async () => {
      for (let number = 100; number <= 200; number++) await rig().post(`s${number}`, "hello");
      const page = await rig().open("/");
      const note = page.getByText("Only the 100 newest are shown");
      await note.waitFor();
      expect(await page.locator(".stream-name").count()).toBe(100);
      await page.getByRole("searchbox").fill("s1");
      await listed(page, "s100").waitFor();
      await note.waitFor({ state: "detached" });
    },
    TIMEOUT,
  );

  test(
    "show how much of their life is left, however often the list is requested",
    async () => {
      const url = new URL("/streams?stream=foo&ttl=120", rig().server.url);
      await fetch(url, { method: "POST" });
      const start = Date.now();
      await rig().post("foo", "hello");
      const page = await rig().open("/");
      await page.locator(".stream .ring .left").waitFor();
      for (let polls = 0; polls < 3; polls++) await page.waitForResponse(/\/streams\?/);
      const drained = await page.evaluate<string>(
        `document.querySelector(".stream .ring .left").style.strokeDashoffset`,
      );
      expect(Number(drained)).toBeGreaterThan(0);
      // Not faster than time passes.
      expect(Number(drained)).toBeLessThanOrEqual((Date.now() - start) / 120_000);
    },
    TIMEOUT,
  );

  test(
    "that were private are not begun again: the page offers a new one",
    async () => {
      const url = new URL("/streams?private=true", rig().server.url);
      const created = (await (await fetch(url, { method: "POST" })).json()) as Record<
        "stream" | "owner",
        string
      >;
      const page = await rig().join(created.stream);
      await say(page, "psst");
      await draft(page).fill("unfinished");
      const headers = { authorization: `Bearer ${created.owner}` };
      const path = `/streams?stream=${created.stream}`;
      await fetch(new URL(path, rig().server.url), { method: "DELETE", headers });
      await state(page, "Ended").waitFor();
      await draft(page).waitFor({ state: "detached" });
      await button(page, "New private stream").click();
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      expect(new URL(page.url()).hash).toMatch(/^#\.[a-z0-9]{26}$/);
      expect(new URL(page.url()).hash).not.toBe(`#${created.stream}`);
      expect(await draft(page).inputValue()).toBe("unfinished");
    },
    TIMEOUT,
  );

  test(
    "each keep their draft while another is open",
    async () => {
      for (const name of ["foo", "bar"]) await rig().post(name, `hello ${name}`);
      const page = await rig().join("foo");
      await page.getByRole("textbox", { name: "Message" }).fill("a draft");
      await listed(page, "bar").click();
      await message(page, "hello bar").waitFor();
      expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("");
      await page.goBack();
      await message(page, "hello foo").waitFor();
      expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("a draft");
    },
    TIMEOUT,
  );

  test(
    "are created with a name and a time-to-live, shared, and ended by their owner",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("mine");
      await page.getByRole("combobox").selectOption({ label: "60 sec" });
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe("/#mine");
      const bob = await rig().join("mine");
      await say(page, "welcome");
      await message(bob, "welcome").waitFor();

      await button(page, "Share").click();
      expect(await page.getByRole("textbox", { name: "Link" }).inputValue()).toBe(
        new URL("/#mine", rig().server.url).href,
      );
      await page.getByRole("img", { name: "QR code" }).waitFor();
      await page.getByText("This stream is listed").waitFor();
      await page.keyboard.press("Escape");
      await button(page, "More").click();
      await button(page, "End this stream").click();
      await button(page, "End it for everyone").click();
      await log(bob).getByText("The owner ended this stream").waitFor();
      await state(bob, "Ended").waitFor();
      expect(await draft(bob).getAttribute("placeholder")).toBe("A message starts it again");
      await say(bob, "again");
      await state(bob, "Live").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "are not ended by a double click, and a selection dragged out of a dialog does not close it",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("mine");
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await say(page, "still here");
      await message(page, "still here").waitFor();
      await button(page, "Share").click();
      const link = page.getByRole("textbox", { name: "Link" });
      await link.hover();
      await page.mouse.down();
      await page.mouse.move(4, 4);
      await page.mouse.up();
      // A click outside closes it.
      await page.mouse.click(4, 4);
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await button(page, "More").click();
      await button(page, "End this stream").dblclick();
      await button(page, "End it for everyone").waitFor();
      await button(page, "Cancel").click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const url = new URL("/messages?stream=mine", rig().server.url);
      expect(await (await fetch(url)).json()).toHaveLength(1);
    },
    TIMEOUT,
  );

  test(
    "that are private are not listed, and sharing says that the link is the key",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("radio", { name: "Private" }).check();
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await button(page, "Share").first().click();
      await page.getByText("The link is the key").waitFor();
      expect(await page.locator(".stream-name").count()).toBe(0);
    },
    TIMEOUT,
  );

  test(
    "are shared at /share",
    async () => {
      await rig().post("foo", "hello");
      for (const path of ["/share?stream=foo", "/share#foo"]) {
        const page = await rig().open(path);
        await page.getByRole("dialog", { name: /Share.*foo/ }).waitFor();
        await page.keyboard.press("Escape");
        await message(page, "hello").waitFor();
        expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe("/#foo");
      }
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "cannot take a name in use",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().open("/new");
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("foo");
      await button(page, "Create").click();
      await page.getByRole("alert").getByText("A stream with this name already exists.").waitFor();
    },
    TIMEOUT,
  );
});
