// What people see when a server tampers with an encrypted stream.
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { TestStream, warning } from "./encrypted.ts";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT, type Rig } from "./suite.ts";
import { button, message, state, texts } from "./window.ts";

interface Frame {
  readonly Type: string;
  readonly Text?: string;
}

/** Opens a link behind a server that delivers each message as the frames that `tamper` returns. */
async function openBehind(
  rig: Rig,
  link: string,
  tamper: (frame: string, text: string) => readonly string[],
): Promise<Page> {
  const page = await rig.open("/");
  await page.routeWebSocket(/\/events/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((data) => {
      const { Type, Text } = JSON.parse(String(data)) as Frame;
      const frames = Type === "message" && Text !== undefined ? tamper(String(data), Text) : [String(data)];
      for (const frame of frames) socket.send(frame);
    });
  });
  await page.getByRole("searchbox", { name: "Find or open by name" }).fill(link);
  await state(page, "Live").waitFor();
  return page;
}

/** The frame with another id and a later time, so that it is not recognised as one that was received before. */
function asNew(frame: string): string {
  const { Id, Created, ...rest } = JSON.parse(frame) as { Id: string; Created: string };
  return JSON.stringify({ Id: `${Id}x`, Created: String(BigInt(Created) + 1n), ...rest });
}

pageSuite("a server that tampers is noticed", (rig) => {
  test(
    "when it changes, repeats or drops messages",
    async () => {
      await using sealed = await TestStream.create(rig());
      let count = 0;
      const page = await openBehind(rig(), sealed.links.reader, (frame, text) => {
        switch (++count) {
          case 2:
            return [frame.replace(text, text.slice(0, -4) + (text.endsWith("AAAA") ? "BBBB" : "AAAA"))];
          case 3:
            return [frame, asNew(frame)];
          case 4:
            return [];
          default:
            return [frame];
        }
      });
      for (const text of ["one", "two", "three", "four", "five"])
        await sealed.stream.send(text, { name: "Ada" });
      await message(page, "five").waitFor();
      expect(await texts(page)).toEqual(["one", "three", "five"]);
      await warning(page, "A message was left out: it was changed on its way").waitFor();
      await warning(page, "The server delivered an old message again.").waitFor();
      await warning(page, "is missing here").first().waitFor();
      await look(page, "tampering");
      await button(page, "Encrypted, with warnings: what that means").click();
      await page.getByText("something happened that honest servers").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );
});
