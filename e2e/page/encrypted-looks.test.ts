// How encrypted streams and pipes look in each of their states: screenshots for people, accessibility checks by axe.
import { test } from "bun:test";
import { openLink, paste, shownLink, TestStream } from "./encrypted.ts";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message, say } from "./window.ts";

pageSuite("looks of encryption", (rig) => {
  test(
    "a stream of one's own, its links, a conversation, and what the lock says",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("radio", { name: "Encrypted" }).check();
      await look(page, "new-encrypted");
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your encrypted stream is ready" }).waitFor();
      await look(page, "encrypted-own");
      await button(page, "Share").first().click();
      await page.locator('.qr path[d^="M"]').waitFor();
      await look(page, "encrypted-share");
      const writer = await shownLink(page);
      await page.keyboard.press("Escape");
      const bob = await openLink(rig(), writer);
      await button(bob, /here/).click();
      await bob.getByRole("textbox", { name: "Your name" }).fill("Bob");
      await bob.keyboard.press("Enter");
      await bob.keyboard.press("Escape");
      const eve = await openLink(rig(), writer);
      await say(page, "The key is under the mat.");
      await say(bob, "Thanks! I’ll be there at eight.");
      await message(page, "Thanks! I’ll be there at eight.").waitFor();
      await say(bob, "Shall I bring anything?");
      await message(page, "Shall I bring anything?").waitFor();
      await say(eve, "Bread, and the long rope. ".repeat(6).trim());
      await message(page, "Bread, and the long rope. ".repeat(6).trim()).waitFor();
      await say(page, "Perfect.");
      await log(page).locator("[data-sending]").waitFor({ state: "detached" });
      await look(page, "encrypted-talk");
      await button(page, "Encrypted: what that means").click();
      await page.getByText("We cannot read what we relay.").waitFor();
      await look(page, "lock");
    },
    TIMEOUT,
  );

  test(
    "a reader's view, and links that do not open",
    async () => {
      await using sealed = await TestStream.create(rig());
      const page = await openLink(rig(), sealed.links.reader);
      await sealed.stream.send("News for all of you.", { name: "Ada" });
      await message(page, "News for all of you.").waitFor();
      await look(page, "reader");
      await page.reload();
      await page.getByRole("heading", { name: "The link is needed again" }).waitFor();
      await look(page, "link-needed");
      await paste(page, sealed.links.reader.slice(0, -5));
      await page.getByRole("heading", { name: "The end of the link is missing" }).waitFor();
      await look(page, "link-cut");
      await paste(page, sealed.links.reader.replace(/^http:\/\/[^/]*/, "https://malten.example"));
      await page.getByRole("link", { name: "Open it there" }).waitFor();
      await look(page, "link-elsewhere");
    },
    TIMEOUT,
  );

  test(
    "a pipe: ready, joined, compared, with a file, and closed",
    async () => {
      const page = await rig().open("/new");
      await page.getByRole("radio", { name: "Pipe" }).check();
      await button(page, "Create").click();
      await page.locator('.qr path[d^="M"]').waitFor();
      await look(page, "pipe-ready");
      const bob = await rig().open(await shownLink(page));
      await bob.getByRole("heading", { name: "Join this pipe?" }).waitFor();
      await look(bob, "pipe-invitation");
      await button(bob, "Join").click();
      await page.locator(".words").waitFor();
      await look(page, "pipe-words");
      await button(page, "They match").click();
      await draft(page).fill("Only you can read this.");
      await draft(page).press("Enter");
      await message(bob, "Only you can read this.").waitFor();
      await draft(bob).fill("And only you this.");
      await draft(bob).press("Enter");
      await message(page, "And only you this.").waitFor();
      const [chooser] = await Promise.all([
        bob.waitForEvent("filechooser"),
        button(bob, "Send a file").click(),
      ]);
      const buffer = Buffer.alloc(2345);
      await chooser.setFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer });
      await page.getByRole("link", { name: "Save as a file" }).waitFor();
      await look(page, "pipe-talk");
      await look(bob, "pipe-sent");
      await button(page, "Encrypted: what that means").click();
      await look(page, "pipe-lock");
      await button(page, "End the pipe").click();
      await button(page, "End it now?").click();
      await bob.getByText("The other end has left.").waitFor();
      await look(bob, "pipe-closed");
    },
    TIMEOUT,
  );
});

pageSuite(
  "looks of a page that cannot encrypt",
  (rig) => {
    test(
      "says what helps",
      async () => {
        const page = await rig().open(`http://malten.test:${rig().server.url.port}/#v1:x`);
        await page.getByRole("heading", { name: "Encryption needs HTTPS" }).waitFor();
        await look(page, "insecure");
      },
      TIMEOUT,
    );
  },
  { args: ["--port", "0", "--rate-limit", "0", "--allow-host", "malten.test"] },
);
