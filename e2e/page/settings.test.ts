// The settings: theme, name.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button } from "./window.ts";

/** The colour of the page, and of the browser's frame around it. */
function colours(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[
    getComputedStyle(document.documentElement).backgroundColor,
    [...document.querySelectorAll("meta[name=theme-color]")].find(({ media }) => matchMedia(media).matches)?.content,
  ]`);
}

const LIGHT = ["rgb(250, 249, 246)", "#faf9f6"];
const DARK = ["rgb(15, 21, 20)", "#0f1514"];

pageSuite("settings", (rig) => {
  test(
    "have a theme that is remembered, and follows the system again",
    async () => {
      const page = await rig().open("/");
      await button(page, "Settings").click();
      const theme = page.getByRole("combobox", { name: "Appearance" });
      expect(await colours(page)).toEqual(LIGHT);
      await theme.selectOption({ label: "Dark" });
      expect(await colours(page)).toEqual(DARK);

      // From the first frame on, before the page's code has loaded.
      await page.route("**/assets/main-*", (route) => route.abort());
      await page.goto(new URL("/?again", rig().server.url).href);
      expect(await colours(page)).toEqual(DARK);
      await page.unroute("**/assets/main-*");
      await page.reload();
      await button(page, "Settings").click();
      expect(await theme.inputValue()).toBe("dark");
      await theme.selectOption({ label: "Same as system" });
      expect(await colours(page)).toEqual(LIGHT);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await colours(page)).toEqual(DARK);
      await theme.selectOption({ label: "Light" });
      expect(await colours(page)).toEqual(LIGHT);
    },
    TIMEOUT,
  );

  test(
    "say that the name is saved",
    async () => {
      const page = await rig().open("/");
      await button(page, "Settings").click();
      const name = page.getByRole("textbox", { name: "Your name" });
      await name.fill("Ada");
      await button(page, "Save").click();
      await button(page, "Saved").waitFor();
      await name.fill("Eve");
      await button(page, "Save").waitFor();
      await page.keyboard.press("Enter");
      await button(page, "Saved").waitFor();
      expect(await page.evaluate<string>("sessionStorage.getItem('malten.name')")).toBe("Eve");
      await name.fill("x".repeat(33));
      await button(page, "Save").click();
      await page.getByRole("alert").getByText("up to 32 characters").waitFor();
    },
    TIMEOUT,
  );
});
