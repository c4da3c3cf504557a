// How the page looks in each of its states: screenshots for people, accessibility checks by axe.
import { expect, test } from "bun:test";
import { look } from "./look.ts";
import { Socket } from "./socket.ts";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { button, canWrite, draft, isShown, listed, log, message, say, state } from "./window.ts";

async function postTalk(rig: Rig): Promise<string> {
  const stream = "a-stream-with-a-name.as_long~as-it-may-be".padEnd(64, "x");
  await rig.post(stream, "Hello! Has anybody seen the notes of this morning? https://example.org/notes");
  await rig.post(stream, "Yes: they are on the table in the kitchen, under the cat. ".repeat(4).trim());
  await rig.post(stream, "w".repeat(150));
  await rig.post(stream, "مرحبا، كيف الحال؟ 你好，今天怎么样？ 🎉 \u202Eoverridden");
  await rig.post(stream, `Z${"\u0300\u0301\u0302\u0303".repeat(40)}algo`);
  await rig.post(stream, "Lists:\n\t- one\n\t- two");
  return stream;
}

pageSuite("looks", (rig) => {
  test(
    "the start page: without streams, with streams, with an invalid name",
    async () => {
      const page = await rig().open("/");
      await page.getByText("No streams right now").waitFor();
      await look(page, "home-first");
      for (const stream of ["kitchen", "release-2.0", "logs", "tonight"]) await rig().post(stream, "hello");
      const brief = new URL("/streams?stream=brief&ttl=50", rig().server.url);
      await fetch(brief, { method: "POST" });
      await rig().join("kitchen");
      await listed(page, "brief").waitFor();
      await listed(page, "kitchen").getByText("1 here").waitFor();
      await look(page, "home");
      await page.getByRole("searchbox").fill("not a name");
      await page.getByRole("alert").waitFor();
      await button(page, /Open.*notaname/).waitFor();
      await look(page, "home-invalid");
      await page.goto(new URL("/#not%20a%20name", rig().server.url).href);
      await page.getByRole("heading", { name: "Invalid stream name" }).waitFor();
      await look(page, "bad-name");
    },
    TIMEOUT,
  );

  test(
    "a conversation, and a draft that is too long",
    async () => {
      const stream = await postTalk(rig());
      const bob = await rig().join(stream);
      const page = await rig().join(stream);
      await message(page, "Lists:\n\t- one\n\t- two").waitFor();
      await say(page, "Mine, and seen by all.");
      await say(page, "And a longer one, so that it is seen how it breaks into lines. ".repeat(3).trim());
      await button(bob, "2 here").click();
      await bob.getByRole("textbox", { name: "Your name" }).fill("Bob");
      await bob.keyboard.press("Enter");
      await bob.getByRole("listitem").getByText("Bob").waitFor();
      await bob.keyboard.press("Escape");
      await draft(bob).pressSequentially("I");
      await page.getByText("is typing").waitFor();
      await draft(page).fill("A draft\nof two lines");
      await look(page, "talk");
      expect(await canWrite(page)).toBe(true);

      await button(page, "2 here").click();
      await page.getByRole("listitem").getByText("Bob").waitFor();
      await look(page, "people");
      await page.keyboard.press("Escape");

      await draft(page).fill("y".repeat(1500));
      await page.getByText("476 characters too many").waitFor();
      await look(page, "too-long");
      await draft(page).fill("y".repeat(1000));
      await page.getByText("24 characters left").waitFor();
      await look(page, "near-limit");
    },
    TIMEOUT,
  );

  test(
    "an empty stream, the user's own stream, and the dialogs",
    async () => {
      const page = await rig().join("nothing-here");
      await page.getByRole("heading", { name: "No messages here" }).waitFor();
      await look(page, "empty");
      await page.goto(new URL("/new", rig().server.url).href);
      await page.getByRole("dialog", { name: "New stream" }).waitFor();
      await look(page, "new");
      await page.getByRole("radio", { name: "Private" }).check();
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await look(page, "own");
      await button(page, "Share").first().click();
      await page.getByText("The link is the key").waitFor();
      await page.locator('dialog .qr path[d^="M"]').waitFor();
      await look(page, "share");
      await page.goto(new URL("/#", rig().server.url).href);
      await button(page, "Settings").click();
      await page.getByRole("dialog", { name: "Settings" }).waitFor();
      await look(page, "settings");
    },
    TIMEOUT,
  );

  test(
    "a stream about to expire, and expired",
    async () => {
      await rig().post("brief", "This will not last.");
      const page = await rig().open("/");
      const socket = await Socket.of(page);
      await page.evaluate("location.hash = 'brief'");
      await message(page, "This will not last.").waitFor();
      await page.locator(".state[data-state=live]").waitFor();
      await socket.expiring("brief", 60);
      await page.locator(".notice").getByText("This stream expires in").first().waitFor();
      await look(page, "expiring");
      await socket.expired("brief");
      await log(page).getByText("This stream went quiet and expired.").waitFor();
      await look(page, "ended");
    },
    TIMEOUT,
  );

  test(
    "no connection, and the gap after it",
    async () => {
      const page = await rig().join("foo");
      for (let i = 0; i < 30; i++) await rig().post("foo", `message ${i}`);
      await message(page, "message 29").waitFor();
      const { port } = rig().server;
      await rig().server.stop();
      await state(page, "Reconnecting").first().waitFor();
      await say(page, "meanwhile");
      await page.getByText("Waiting for the connection…").waitFor();
      await look(page, "reconnecting");
      await page.context().setOffline(true);
      await page.getByText("You’re offline.").waitFor();
      await look(page, "offline");
      await page.context().setOffline(false);
      await rig().startEmptyServer(port);
      await log(page).getByText("Some messages are missing.").waitFor();
      await message(page, "meanwhile").waitFor();
      await look(page, "gap");
      await log(page).hover();
      await page.mouse.wheel(0, -400);
      await button(page, "Jump to latest").waitFor();
      await rig().post("foo", "new");
      await button(page, "1 new").waitFor();
      await look(page, "scrolled-up");
      await button(page, "1 new").click();
      expect(await isShown(page, "new")).toBe(true);
    },
    TIMEOUT,
  );
});

pageSuite(
  "looks: full",
  (rig) => {
    test(
      "a full server",
      async () => {
        const text = "x".repeat(1000);
        const page = await rig().join("foo", { width: 360, height: 740 });
        await rig().fill(text);
        await say(page, `This waits. ${text.slice(0, 900)}`);
        await page.getByText("Waiting to be sent").waitFor();
        await look(page, "full-server");
      },
      TIMEOUT,
    );
  },
  { args: ["--port", "0", "--rate-limit", "0", "--max-memory", "1m"] },
);
