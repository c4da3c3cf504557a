// Where the secrets of encrypted streams must not be: anywhere but in memory.
import { expect, test } from "bun:test";
import { paste, TestStream } from "./encrypted.ts";
import { filesWith } from "./profile.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, message, say } from "./window.ts";

/**
 * Everything that a page can read of what its browser keeps or tells others; for the browser to evaluate. Leaves out the timing of
 * the navigation, which has the address that was opened: it cannot be cleared, and is gone with the document.
 */
const KEPT = `(async () => {
  const cached = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      cached.push(request.url, request.referrer, await (await cache.match(request)).text());
  }
  const worker = await navigator.serviceWorker.ready;
  return JSON.stringify([
    location.href, document.URL, document.referrer, document.title, document.cookie, history.state,
    { ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), window.name,
    performance.getEntries().filter(({ entryType }) => entryType !== "navigation").map(({ name }) => name), Object.keys(globalThis).map((key) => {
      const value = globalThis[key];
      return typeof value === "string" ? value : "";
    }),
    (await worker.getNotifications()).map(({ title, body, tag, data }) => [title, body, tag, data]),
    document.documentElement.outerHTML,
  ].concat(cached));
})()`;

/** The parts of a link that are secret, in 12-character pieces, so that also a part of it is found. */
function pieces(link: string): string[] {
  const content = link.slice(link.indexOf("v1:") + 3);
  return Array.from({ length: Math.floor(content.length / 12) }, (_, i) =>
    content.slice(i * 12, i * 12 + 12),
  );
}

function findings(text: string, link: string): string[] {
  return pieces(link).filter((piece) => text.includes(piece));
}

pageSuite("secrets", (rig) => {
  test(
    "of a link are in no address, storage, cache, title, notification or log of the page",
    async () => {
      await using sealed = await TestStream.create(rig());
      for (const link of [sealed.links.owner, sealed.links.writer, sealed.links.reader]) {
        const context = await rig().browser.newContext();
        const page = await rig().openIn(context, link);
        await page.locator(".state[data-state=live]").waitFor();
        await button(page, "Share").click();
        await page.getByRole("textbox", { name: "Link" }).waitFor();
        await page.keyboard.press("Escape");
        const kept = await page.evaluate<string>(KEPT);
        expect(kept).toContain(sealed.stream.name);
        expect(findings(kept, link)).toEqual([]);
        // Neither back nor forward leads to the link.
        await page.evaluate("location.hash = 'foo'");
        await page.goBack();
        expect(page.url()).not.toContain("v1");
        await page.goForward();
        await page.reload();
        expect(findings(await page.evaluate<string>(KEPT), link)).toEqual([]);
      }
      expect(findings(rig().browserLog.join(), sealed.links.reader)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "of a pasted link and texts are not in the browser's profile",
    async () => {
      await using sealed = await TestStream.create(rig());
      await sealed.stream.send("canary-text");
      const { writer } = sealed.links;
      const isSecret = (text: string) =>
        /canary-(text|sent|draft)/.test(text) || findings(text, writer).length > 0;
      const kept = await filesWith(isSecret, rig(), async (context) => {
        const page = await rig().openIn(context, "/#~");
        await paste(page, writer);
        await message(page, "canary-text").waitFor();
        await say(page, "canary-sent");
        await message(page, "canary-sent").waitFor();
        await draft(page).fill("canary-draft");
        await page.goto(new URL("/new", rig().server.url).href);
      });
      expect(kept).toEqual([]);
    },
    TIMEOUT,
  );
});
