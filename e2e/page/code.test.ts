// Code, quotes and emoji in messages, and texts that try to be more than that.
import { expect, test } from "bun:test";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { isShown, log, message } from "./window.ts";

pageSuite("in a message", (rig) => {
  test(
    "code, quotes and emoji are shown as what they are",
    async () => {
      await rig().post("foo", "Try `npm start`, then\n```sh\nmalten tail logs\n\n  > not a quote\n```");
      await rig().post("foo", "> Ada: shall we?\n> At `eight`.\n\nYes: https://example.org/`x`");
      await rig().post("foo", "🎉 🎉");
      await rig().post("foo", "🎉 not alone");
      const page = await rig().join("foo", { width: 360, height: 740 });
      await message(page, "🎉 not alone").waitFor();
      const rows = page.locator(".message");
      expect(await rows.nth(0).locator("p code").textContent()).toBe("npm start");
      expect(await rows.nth(0).locator("pre").textContent()).toBe("malten tail logs\n\n  > not a quote");
      expect(await rows.nth(1).locator("blockquote").textContent()).toBe("Ada: shall we?\nAt eight.");
      expect(await rows.nth(1).locator("blockquote code").textContent()).toBe("eight");
      expect(await rows.nth(1).locator("p a").getAttribute("href")).toBe("https://example.org/");
      const sizes = await page.evaluate<number[]>(
        `[...document.querySelectorAll(".body")].slice(2).map((text) => parseFloat(getComputedStyle(text).fontSize))`,
      );
      expect(sizes[0]).toBeGreaterThan((sizes[1] ?? 0) * 1.5);
      await look(page, "light-360-code");
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "nothing breaks out of code or quotes, whatever it is",
    async () => {
      const hostile = [
        "`".repeat(1024),
        Array.from({ length: 43 }, (_, i) => "`".repeat(i + 1)).join(" "),
        "```\n</code></pre><script>document.title = 'owned'</script>",
        "> <img src=x onerror=\"document.title = 'owned'\">\n`<b>`",
        "`javascript:alert(1)` [x](javascript:alert(1))\n```\nhttps://example.org\n```",
        `\`\u202E\u2066${"\u0301".repeat(500)}\`\n> \u202Eevil`,
        `\`\`\`\n${"w".repeat(1000)}\n\`\`\``,
        `a${"\n".repeat(1000)}b`,
        `\`${"\u200B\u200D\uFEFF".repeat(300)}\``,
      ];
      for (const text of hostile) await rig().post("foo", text, "<b>\u202E");
      await rig().post("foo", "the end");
      const page = await rig().join("foo", { width: 360, height: 740 });
      await message(page, "the end").waitFor();
      expect(await page.title()).toBe("foo · Malten");
      expect(await log(page).locator(":is(script, img, b, style), a").count()).toBe(0);
      expect(await isShown(page, "the end")).toBe(true);
      const wide = `[...document.querySelectorAll("[role=log] *")].filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < 0 || right > innerWidth;
      }).length`;
      expect(await page.evaluate<number>(wide)).toBe(0);
      const directions = `[...new Set([...document.querySelectorAll(".body, .body :is(p, pre, blockquote), .person-name")]
        .map((element) => getComputedStyle(element).unicodeBidi))].join()`;
      expect(await page.evaluate<string>(directions)).toBe("isolate");
      expect(rig().browserLog).toEqual([]);
      expect(rig().foreignRequests).toEqual([]);
    },
    TIMEOUT,
  );
});
