// Messages and names cannot affect the page.
import { expect, test } from "bun:test";
import { filesWith } from "./profile.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, listed, message, say, texts } from "./window.ts";

const HOSTILE = [
  "<script>document.title = 'owned'</script>",
  "<img src=x onerror=\"document.title = 'owned'\"><style>* { display: none }</style>",
  "javascript:document.title='owned' &lt;b&gt; </li></ol></main>",
  "\u202Eevil\u2066 mirrored and never closed",
  `Z${"\u0336\u0321\u0489\u031B".repeat(200)}algo`,
  "\u200B\u200D\uFEFF invisible \u{E0041}\u{E0042}",
  "one\n\ttwo\n\n  three",
];

/** How each message isolates its direction; for the browser to evaluate. */
const BIDI = `[...document.querySelectorAll(".message p")].map((p) => getComputedStyle(p).unicodeBidi)`;

pageSuite("a message", (rig) => {
  test(
    "is shown as text, whatever it contains",
    async () => {
      for (const text of HOSTILE) await rig().post("foo", text);
      const page = await rig().join("foo");
      // Some are history, some arrive live.
      for (const text of HOSTILE) await rig().post("foo", text);
      await rig().post("foo", "quiet");
      await message(page, "quiet").waitFor();

      expect(await texts(page)).toEqual([...HOSTILE, ...HOSTILE, "quiet"]);
      expect(await page.title()).toBe("foo · Malten");
      expect(await page.locator(".message p :is(script, img, style, b, a)").count()).toBe(0);
      expect(new Set(await page.evaluate<string[]>(BIDI))).toEqual(new Set(["isolate"]));
      expect(rig().browserLog).toEqual([]);
      expect(rig().foreignRequests).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "is never drawn over other messages",
    async () => {
      await rig().post("foo", "first");
      await rig().post("foo", "second");
      await rig().post("foo", `Z${"\u0300\u0301\u0302\u0303".repeat(255)}`);
      const page = await rig().join("foo");
      const second = page.locator(".message").nth(1);
      await page.locator(".message").nth(2).waitFor();
      const before = await second.screenshot();
      // How far marks pile up depends on the font. A shadow stands in for a font that lets them.
      await page.evaluate(`document.querySelectorAll(".message p")[2].style.textShadow = "0 -1.5rem red"`);
      expect((await second.screenshot()).equals(before)).toBe(true);
    },
    TIMEOUT,
  );

  test(
    "has links of http and https only, which send no referrer",
    async () => {
      const page = await rig().join("foo");
      await say(
        page,
        "See https://example.org/a_(b)?c=d. Not javascript:alert(1), data:text/html,x or ftp://example.org",
      );
      const links = page.locator(".message p a");
      await links.first().waitFor();
      expect(await links.count()).toBe(1);
      expect(await links.getAttribute("href")).toBe("https://example.org/a_(b)?c=d");
      expect(await links.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    },
    TIMEOUT,
  );

  test(
    "is just as harmless as a name",
    async () => {
      const name = `\u202E<b>${"\u0300".repeat(20)}`;
      const ada = await rig().join("foo");
      const bob = await rig().join("foo");
      await button(ada, /here/).click();
      await ada.getByRole("textbox", { name: "Your name" }).fill(name);
      await ada.keyboard.press("Enter");
      await button(bob, /here/).click();
      const shown = bob.getByRole("listitem").locator("bdi");
      await shown.waitFor();
      expect(await shown.textContent()).toBe(name);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "is not kept in caches or storage: only the files of the page are",
    async () => {
      const page = await rig().join("canary-stream");
      await say(page, "canary-text");
      await message(page, "canary-text").waitFor();
      await page.evaluate("navigator.serviceWorker.ready");
      const kept = await page.evaluate<string>(`(async () => {
        const keys = [];
        for (const name of await caches.keys())
          for (const { url } of await (await caches.open(name)).keys()) keys.push(url);
        return JSON.stringify([keys, { ...localStorage }, { ...sessionStorage }, await indexedDB.databases()]);
      })()`);
      expect(kept).toContain("/assets/main");
      expect(kept).not.toContain("canary");
      expect(kept).not.toContain("/messages");
    },
    TIMEOUT,
  );

  test(
    "is not in the browser's profile, sent or not",
    async () => {
      const isCanary = (text: string) => /canary-(text|draft)/.test(text);
      const kept = await filesWith(isCanary, rig(), async (context) => {
        const page = await rig().openIn(context, "/#foo");
        await say(page, "canary-text");
        await message(page, "canary-text").waitFor();
        await draft(page).fill("canary-draft");
        // Browsers keep form fields to restore them on the way back.
        await page.goto(new URL("/new", rig().server.url).href);
      });
      expect(kept).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "is not run from the fragment of the URL: an invalid name is rejected",
    async () => {
      const page = await rig().open("/#<img%20src=x>");
      await page.getByRole("heading", { name: "Invalid stream name" }).waitFor();
      await page.getByRole("link", { name: "Home" }).click();
      await page.getByRole("heading", { name: "Malten", exact: true }).waitFor();
      await rig().post("bar", "hello");
      await listed(page, "bar").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );
});
