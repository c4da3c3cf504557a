// The page in each of its languages.
import { expect, test } from "bun:test";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";

const WORDS = {
  de: "Neuer Stream",
  es: "Canal nuevo",
  fr: "Nouveau fil",
  ar: "قناة جديدة",
  zh: "新建频道",
};

pageSuite("languages", (rig) => {
  for (const [locale, words] of Object.entries(WORDS)) {
    test(
      `${locale} is used if the browser prefers it`,
      async () => {
        const page = await rig().open("/", { locale });
        await page.getByRole("button", { name: words }).first().waitFor();
        const html = page.locator("html");
        expect(await html.getAttribute("lang")).toBe(locale);
        expect(await html.getAttribute("dir")).toBe(locale === "ar" ? "rtl" : "ltr");
        // Loaded after the list.
        await page.locator(".claim").waitFor();
        await look(page, `home-${locale}`);
        await rig().post("foo", "Hello!\nمرحبا", "Ada");
        await page.goto(new URL("/#foo", rig().server.url).href);
        await page.locator(".state[data-state=live]").waitFor();
        await page.locator(".message").first().waitFor();
        await page.locator("#draft").fill("A first message");
        await look(page, `talk-${locale}`);
        expect(rig().browserLog).toEqual([]);
      },
      TIMEOUT,
    );
  }

  test(
    "another can be chosen and is remembered; the draft stays",
    async () => {
      const page = await rig().join("foo", { locale: "nl" });
      await page.getByRole("textbox", { name: "Message", exact: true }).fill("a draft");
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("combobox", { name: "Language" }).selectOption("fr");
      await page.getByRole("button", { name: "Terminé" }).click();
      expect(await page.getByRole("textbox", { name: "Message", exact: true }).inputValue()).toBe("a draft");
      await page.reload();
      await page.getByRole("heading", { name: "Fils actifs" }).waitFor();
    },
    TIMEOUT,
  );
});
