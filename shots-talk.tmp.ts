// usage: bun shots.ts outdir filter
import { chromium } from "playwright-core";
import { ServerProcess } from "/work/wt/talk/test-support/process.ts";
const out = process.argv[2] ?? "/tmp/talkshots";
const server = await ServerProcess.start();
const browser = await chromium.launch({
  executablePath: Bun.which("chromium") ?? "",
  args: ["--no-sandbox", "--disable-gpu"],
});
const post = (text: string, name?: string, stream = "foo") =>
  fetch(new URL(`/messages?stream=${stream}`, server.url), {
    method: "POST",
    body: new URLSearchParams({ text, ...(name && { name }) }),
  }).then(async (r) => {
    if (!r.ok) console.log(await r.text());
  });
const seed = async () => {
  await post("The hut has six beds left for Saturday.", "Ada");
  await post("Shall we?", "Ada");
  await post("Count me in. I can take the 7:12 from Zürich. `zb` runs hourly.", "Bob");
  await post("from curl, without a name");
  await post("still without a name");
  await post("I am called No name", "No name");
  await post(
    "```js\nfor (const hut of huts) {\n  await reserve(hut, 3);\n}\n```\nThat should do: https://example.com/huts/42",
    "Ada",
  );
  await post("> Ada: Shall we?\n\nYes! And `npm start` works.", "Bob");
  await post("🎉🏔️", "Eve");
  await post("مرحبا، كيف الحال؟", "ليلى");
  await post("你好，今天怎么样？", "王芳");
  await post(
    "Yes: they are on the table in the kitchen, under the cat. ".repeat(4).trim(),
    "A person with a very long name xx",
  );
};
try {
  await seed();
  for (const [name, width, height, dark, locale] of [
    ["light-360", 360, 740, false, "en-GB"],
    ["dark-360", 360, 740, true, "en-GB"],
    ["light-768", 768, 900, false, "en-GB"],
    ["light-1440", 1440, 900, false, "en-GB"],
    ["dark-1440", 1440, 900, true, "en-GB"],
    ["ar-360", 360, 740, false, "ar"],
    ["ar-1440", 1440, 900, true, "ar"],
  ] as const) {
    if (process.argv[3] && !name.includes(process.argv[3])) continue;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      locale,
    });
    const page = await context.newPage();
    page.on("console", (m) => console.log(name, m.text()));
    page.on("pageerror", (m) => console.log(name, String(m)));
    await page.goto(new URL("/#foo", server.url).href);
    await page.locator(".state[data-state=live]").waitFor();
    await page.locator("#draft").fill("Same train! Shall I reserve for three?");
    await page.screenshot({ path: `${out}/${name}-asking.png` });
    await page.locator("#prompted-name").fill("Eve");
    await page.locator("#draft").press("Enter");
    await page
      .locator("#draft")
      .fill("And a longer one, so that it is seen how it breaks into lines. ".repeat(3));
    await page.locator("#draft").press("Enter");
    await page.locator("#draft").fill("Run `npm start`, then\n```\nmalten tail logs\n```\nשלום");
    await page.locator("#draft").press("Enter");
    await page.locator(".message[data-own=true]:not([data-sending])").nth(2).waitFor();
    await page.screenshot({ path: `${out}/${name}-talk.png` });
    await page.locator(".message").nth(7).hover();
    await page.locator(".message-actions").waitFor();
    await page.screenshot({ path: `${out}/${name}-hover.png` });
    await page.keyboard.press("Control+f");
    await page.locator(".find input").fill("the");
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${out}/${name}-find.png` });
    await page.keyboard.press("Escape");
    await page.goto(new URL("/#few", server.url).href);
    await post("Anybody here?", "Ada", "few");
    await page.locator(".message").first().waitFor();
    await page.screenshot({ path: `${out}/${name}-few.png` });
    await context.close();
  }
} finally {
  await browser.close();
  await server.stop();
}
