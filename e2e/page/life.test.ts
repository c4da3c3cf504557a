// How much life and room a stream has left, and what happens at its end.
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { look } from "./look.ts";
import { Socket, type Welcome } from "./socket.ts";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { button, log, message, say, state } from "./window.ts";

/** Opens a stream. `change` returns what the `welcome` says instead of what the server does. */
async function openWith(
  rig: Rig,
  stream: string,
  change?: (welcome: Welcome) => Partial<Welcome>,
): Promise<{ page: Page; socket: Socket }> {
  const page = await rig.open("/");
  const socket = await Socket.of(page, change);
  await page.evaluate(`location.hash = ${JSON.stringify(stream)}`);
  await page.locator(".state[data-state=live]").waitFor();
  return { page, socket };
}

/** Makes a stream expire in `seconds`. */
function endingIn(seconds: number): (welcome: Welcome) => Partial<Welcome> {
  return ({ Created }) => ({ Expires: String(BigInt(Created) + BigInt(seconds) * 1_000_000_000n) });
}

async function createStream(rig: Rig, query: string): Promise<Record<"stream" | "owner", string>> {
  const response = await fetch(new URL(`/streams?${query}`, rig.server.url), { method: "POST" });
  expect(response.status).toBe(201);
  return (await response.json()) as Record<"stream" | "owner", string>;
}

/** The text in the header that says how much time is left. */
function left(page: Page, duration: string): Locator {
  return page.locator(".life-text").getByText(new RegExp(`^\\W*${duration}\\W+left`));
}

/** How much of the line in the header is full, from 1 to 0. */
async function lineLeft(page: Page): Promise<number> {
  const transform = await page.evaluate<string>(`document.querySelector(".life-left").style.transform`);
  return Number(/^scaleX\((.*)\)$/.exec(transform)?.[1]);
}

pageSuite("the life of a stream", (rig) => {
  test(
    "drains in the header, and is full again when someone writes",
    async () => {
      await createStream(rig(), "stream=foo&ttl=1050");
      const { page } = await openWith(rig(), "foo", endingIn(330));
      await left(page, "5 min").waitFor();
      const before = await lineLeft(page);
      expect(before).toBeGreaterThan(0.2);
      expect(before).toBeLessThan(0.4);
      // There is plenty of room.
      expect(await page.locator(".room-text, .leaving-mark").count()).toBe(0);
      await rig().post("foo", "Still here.");
      await left(page, "17 min").waitFor();
      expect(await lineLeft(page)).toBeGreaterThan(0.9);
    },
    TIMEOUT,
  );

  test(
    "is known to the guest of a private link, in an empty stream, and in one that begins while it is open",
    async () => {
      const { stream: secret } = await createStream(rig(), "private=true&ttl=7200");
      const guest = await rig().join(secret);
      await left(guest, "119 min").waitFor();

      const page = await rig().join("later");
      await page.locator(".life-line").waitFor({ state: "attached" });
      expect(await page.locator(".life-text, .life-left").count()).toBe(0);
      await createStream(rig(), "stream=later&ttl=90000");
      await left(page, "24 hr").waitFor();

      const other = await rig().join("other");
      await say(other, "First!");
      await left(other, "17 min").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is not shown while the page is offline: others may renew it",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().join("foo");
      await page.locator(".life-text").waitFor();
      await page.context().setOffline(true);
      await state(page, "Offline").waitFor();
      expect(await page.locator(".life-text").count()).toBe(0);
      await page.locator(".life-line[data-known=false]").waitFor();
      await page.context().setOffline(false);
      await page.locator(".life-text").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is told to screen readers where they read it, and not by itself",
    async () => {
      await rig().post("foo", "hello");
      const page = await rig().join("foo");
      const text = button(page, /min\W+left/);
      await text.waitFor();
      expect(await page.locator("[aria-live] .life-text, [role=status] .life-text").count()).toBe(0);
      await text.click();
      const dialog = page.getByRole("dialog", { name: "About this stream" });
      await dialog.getByText(/\d+ min\W+of\W+17 min/).waitFor();
      await dialog.getByText("1 of 1,024 messages").waitFor();
      await dialog.getByText("the stream is deleted with everything in it").waitFor();
    },
    TIMEOUT,
  );

  test(
    "is extended by a message, and the button that does it says which one",
    async () => {
      await rig().post("foo", "Anybody?");
      const { page, socket } = await openWith(rig(), "foo");
      // Not the server's: a slow machine would not click in the time that it leaves.
      await socket.expiring("foo", 60);
      await page.locator(".life-text[data-late=true]").waitFor();
      await button(page, /^Keep alive: say “.Still here.”$/).click();
      await message(page, "Still here").waitFor();
      await page.locator(".notice").waitFor({ state: "detached" });
      await page.locator(".life-text[data-late=false]").waitFor();
      await left(page, "17 min").waitFor();
      expect(await page.evaluate<string>("document.activeElement.id")).toBe("draft");
    },
    TIMEOUT,
  );

  test(
    "runs out: the line is empty, the log loses its colour, and a message starts it again",
    async () => {
      const { owner } = await createStream(rig(), "stream=foo");
      await rig().post("foo", "It was nice here.");
      const page = await rig().join("foo");
      await page.locator(".life-left").waitFor();
      const headers = { authorization: `Bearer ${owner}` };
      await fetch(new URL("/streams?stream=foo", rig().server.url), { method: "DELETE", headers });
      await page.getByRole("heading", { name: "This stream has ended" }).waitFor();
      await state(page, "Ended").waitFor();
      expect(await page.locator(".life-text, .life-left").count()).toBe(0);
      const filter = `getComputedStyle(document.querySelector(".log-frame")).filter`;
      expect(await page.evaluate<string>(filter)).toBe("grayscale(1)");
      await say(page, "Again!");
      await state(page, "Live").waitFor();
      await left(page, "17 min").waitFor();
      expect(await page.evaluate<string>(filter)).toBe("none");
      await page.getByRole("heading", { name: "This stream has ended" }).waitFor({ state: "detached" });
    },
    TIMEOUT,
  );
});

pageSuite("the room of a stream", (rig) => {
  test(
    "is shown when it becomes scarce, and the oldest messages are shown as leaving",
    async () => {
      for (const text of ["one", "two", "three"]) await rig().post("foo", text);
      const { page } = await openWith(rig(), "foo", () => ({ Count: 1022 }));
      await page.locator(".life-text").getByText("room for 2 more").waitFor();
      await log(page).getByText("Room for 2 more messages, then the oldest leave.").waitFor();
      for (const text of ["four", "five", "six"]) await rig().post("foo", text);
      await page.locator(".life-text").getByText("full").waitFor();
      await page.locator(".leaving-mark").waitFor({ state: "detached" });
      await look(page, "full-stream");
    },
    TIMEOUT,
  );
});
