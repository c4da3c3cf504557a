// Links of encrypted streams that are cut, of other versions or servers, or typed where a name belongs; and pages that cannot encrypt.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { paste, TestStream } from "./encrypted.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, message, state } from "./window.ts";

/** Records what a page sends; the returned function reads it. */
function record(page: Page): () => string {
  const sent: string[] = [];
  page.on("request", (request) => {
    sent.push(decodeURIComponent(request.url()), request.postData() ?? "", JSON.stringify(request.headers()));
  });
  page.on("websocket", (socket) => {
    sent.push(socket.url());
    socket.on("framesent", ({ payload }) => sent.push(String(payload)));
  });
  return () => sent.join("\n");
}

function heading(page: Page, name: string): Promise<void> {
  return page.getByRole("heading", { name }).waitFor();
}

const ARGS = ["--port", "0", "--rate-limit", "0", "--allow-host", "malten.test"];

pageSuite(
  "a link",
  (rig) => {
    test(
      "that does not open here is explained, and another can be pasted",
      async () => {
        await using sealed = await TestStream.create(rig());
        await sealed.stream.send("hello");
        const link = sealed.links.reader;
        const page = await rig().open(link.slice(0, -9));
        await heading(page, "The end of the link is missing");
        const cases = {
          "The link is from a newer version": link.replace("#v1:", "#v2:"),
          "The link is from an older version": link.replace("#v1:", "#v0:"),
          "This isn’t the link of an encrypted stream": "what is this?",
          "The link belongs to another server": link.replace(/^http:\/\/[^/]*/, "https://malten.example"),
        };
        for (const [title, wrong] of Object.entries(cases)) {
          if ((await page.getByRole("textbox", { name: "Link" }).count()) > 0) await paste(page, wrong);
          await heading(page, title);
        }
        await page.getByText("malten.example").waitFor();
        const there = page.getByRole("link", { name: "Open it there" });
        expect(await there.getAttribute("href")).toStartWith("https://malten.example/#v1:");

        await page.goBack();
        await page.goto("about:blank");
        await page.goto(link.replace("v1:", "v1%3A"));
        await message(page, "hello").waitFor();
        expect(rig().browserLog).toEqual([]);
      },
      TIMEOUT,
    );

    test(
      "is opened, and never sent, where it is typed in place of a name",
      async () => {
        await using sealed = await TestStream.create(rig());
        await sealed.stream.send("hello");
        const { reader } = sealed.links;
        const secret = reader.slice(reader.indexOf("v1:") + 3);
        const page = await rig().open("/");
        const sent = record(page);
        const places = [
          () => page.getByRole("searchbox", { name: "Find or open by name" }).fill(reader),
          () =>
            page
              .getByRole("searchbox", { name: "Find or open by name" })
              .fill(reader.slice(reader.indexOf("v1:"))),
          async () => {
            await button(page, "New stream").first().click();
            await page.getByRole("textbox", { name: "Name", exact: true }).fill(reader);
            await button(page, "Create").click();
          },
          () => page.evaluate(`location.hash = ${JSON.stringify(new URL(reader).hash)}`),
        ];
        for (const type of places) {
          await type();
          await message(page, "hello").waitFor();
          expect(page.url()).not.toContain("v1");
          await page.evaluate("location.hash = ''");
          await heading(page, "Malten");
        }
        expect(sent()).toContain(sealed.stream.name);
        expect(sent()).not.toContain(secret.slice(0, 20));
        expect(sent()).not.toContain("v1:");
      },
      TIMEOUT,
    );

    test(
      "explains what is missing in a page over plain HTTP",
      async () => {
        await using sealed = await TestStream.create(rig());
        const { port } = rig().server.url;
        const origin = `http://malten.test:${port}`;
        const context = await rig().browser.newContext({ locale: "en-GB" });
        const page = await context.newPage();
        await page.goto(sealed.links.writer.replace(/^http:\/\/[^/]*/, origin));
        await heading(page, "Encryption needs HTTPS");
        await page.getByText("malten --tls-self-signed").waitFor();
        await page.getByText(`http://localhost:${port}`).waitFor();
        expect(page.url()).toBe(`${origin}/#~`);
        await page.goto(`${origin}/new`);
        await page.getByRole("radio", { name: "Pipe" }).check();
        await button(page, "Create").click();
        await heading(page, "Encryption needs HTTPS");
        // Everything else works.
        await page.goto(`${origin}/#foo`);
        await state(page, "Live").waitFor();
      },
      TIMEOUT,
    );
  },
  { args: ARGS },
);
