// Transient states and how they look: rate-limited, the user's own stream about to expire, loading.
import { expect, test } from "bun:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { look, VIEWPORTS } from "./look.ts";
import { pageSuite, TIMEOUT, type Viewport } from "./suite.ts";
import { button, draft, log, message, say, texts } from "./window.ts";

const TOO_FAST = "Too many requests";

/** Refuses messages sent over the WebSocket as rate-limited, until lifted. */
async function limitFrames(page: Page): Promise<() => void> {
  let limited = true;
  await page.routeWebSocket(/\/events/, (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { Type: string; Ref?: unknown };
      if (!limited || frame.Type !== "message") return server.send(data);
      socket.send(JSON.stringify({ Type: "error", Code: "rate_limited", Text: TOO_FAST, Ref: frame.Ref }));
    });
  });
  return () => {
    limited = false;
  };
}

/** The same without a WebSocket: `POST /messages` answers 429 (RFC 6585 §4), until lifted. */
async function limitRequests(page: Page): Promise<() => void> {
  let limited = true;
  await page.routeWebSocket(/\/events/, (socket) => socket.close());
  await page.route("**/messages", (route) => {
    if (!limited || route.request().method() !== "POST") return route.continue();
    const details = {
      type: "about:blank",
      title: TOO_FAST,
      status: 429,
      detail: TOO_FAST,
      code: "rate_limited",
    };
    return route.fulfill({
      status: 429,
      contentType: "application/problem+json",
      headers: { "retry-after": "1" },
      body: JSON.stringify(details),
    });
  });
  return () => {
    limited = false;
  };
}

pageSuite("a rate limit", (rig) => {
  for (const [transport, limit] of Object.entries({ limitFrames, limitRequests })) {
    test(
      `is shown, and no message is lost: ${transport}`,
      async () => {
        const page = await rig().open("/");
        const lift = await limit(page);
        await page.evaluate("location.hash = 'foo'");
        await page.locator(".state[data-state=live]").waitFor();
        await say(page, "one");
        await say(page, "two");
        const failed = page.locator('.message[data-sending="failed"]');
        await failed.nth(1).waitFor();
        await failed
          .getByText(/That was too fast for the server\..* Trying again in/)
          .first()
          .waitFor();
        // Nothing was accepted, and the page still receives messages.
        await rig().post("foo", "from others");
        await message(page, "from others").waitFor();
        lift();
        await button(page, "Try now").first().click();
        await page.locator(".message:not([data-sending])").getByText("one").waitFor();
        // The second is retried automatically.
        await page.locator(".message:not([data-sending])").getByText("two").waitFor();
        expect(await texts(page)).toEqual(["from others", "one", "two"]);
      },
      TIMEOUT,
    );
  }
});

for (const { name, ...size } of VIEWPORTS) {
  const viewport: Viewport = size;
  pageSuite(`looks: ${name}`, (rig) => {
    test(
      "a rate-limited message",
      async () => {
        const page = await rig().open("/", viewport);
        await limitFrames(page);
        await rig().post("foo", "Slowly, please.");
        await page.evaluate("location.hash = 'foo'");
        await message(page, "Slowly, please.").waitFor();
        for (const text of ["One", "A second one, which is longer, so that it breaks into lines.", "Three"])
          await say(page, text);
        await page.locator('.message[data-sending="failed"]').nth(2).waitFor();
        await look(page, `${name}-rate-limited`);
      },
      TIMEOUT,
    );

    test(
      "the user's own stream about to expire",
      async () => {
        const page = await rig().open("/new", viewport);
        // Shorter than any choice in the dialog.
        await page.route("**/streams", (route) =>
          route.continue({ postData: (route.request().postData() ?? "").replace("ttl=60", "ttl=8") }),
        );
        await page.getByRole("textbox", { name: "Name", exact: true }).fill("mine");
        await page.getByRole("combobox").selectOption({ label: "60 sec" });
        await button(page, "Create").click();
        await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
        await say(page, "Anybody?");
        await page.locator(".notice").getByText("Your stream expires in").first().waitFor();
        await look(page, `${name}-expiring-own`);
        await say(page, "Still here.");
        await page.locator(".notice").waitFor({ state: "detached" });
        await log(page).getByText("This stream went quiet and expired.").waitFor();
        await look(page, `${name}-ended-own`);
      },
      TIMEOUT,
    );

    test(
      "loading",
      async () => {
        const page = await rig().open("/", viewport);
        const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
        for (const slow of ["**/messages?*", "**/streams?*"])
          await page.route(slow, async (route) => {
            await answered;
            await route.continue();
          });
        await rig().post("foo", "It was worth the wait.");
        await page.evaluate("location.hash = 'foo'");
        await log(page).getByText("Loading…").waitFor();
        // Writing is possible already.
        await draft(page).fill("Am I first?");
        await look(page, `${name}-loading`);
        answer();
        await message(page, "It was worth the wait.").waitFor();
        expect(await draft(page).inputValue()).toBe("Am I first?");
      },
      TIMEOUT,
    );
  });
}
