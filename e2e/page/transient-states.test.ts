// Transient states and how they look: rate-limited, the user's own stream about to expire, loading.
import { expect, test } from "bun:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { look } from "./look.ts";
import { Socket } from "./socket.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message, say, texts } from "./window.ts";

const TOO_FAST = "Too many requests";

/** Refuses messages sent over the WebSocket as rate-limited, until lifted. They may be sent again after `seconds`. */
async function limitFrames(page: Page, seconds: number): Promise<() => void> {
  let limited = true;
  await page.routeWebSocket(/\/events/, (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { Type: string; Ref?: unknown };
      if (!limited || frame.Type !== "message") return server.send(data);
      const error = { Type: "error", Code: "rate_limited", Text: TOO_FAST, RetryAfter: seconds };
      socket.send(JSON.stringify({ ...error, Ref: frame.Ref }));
    });
  });
  return () => {
    limited = false;
  };
}

/** The same without a WebSocket: `POST /messages` answers 429 (RFC 6585 §4), until lifted. */
async function limitRequests(page: Page, seconds: number): Promise<() => void> {
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
      headers: { "retry-after": String(seconds) },
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
      `is shown, and messages are sent by themselves, in order: ${transport}`,
      async () => {
        const page = await rig().open("/");
        const lift = await limit(page, 2);
        await page.evaluate("location.hash = 'foo'");
        await page.locator(".state[data-state=live]").waitFor();
        await say(page, "one");
        await say(page, "two");
        await page
          .locator(".notice")
          .getByText(/Sending too fast\. Continues in/)
          .first()
          .waitFor();
        const queued = page.locator('.message[data-sending="sending"]');
        await queued.getByText("Waiting to be sent").nth(1).waitFor();
        // Nothing was accepted, and the page still receives messages.
        await rig().post("foo", "from others");
        await message(page, "from others").waitFor();
        await say(page, "three");
        // One that is discarded is not sent.
        await say(page, "four");
        await queued.nth(3).getByRole("button", { name: "Discard" }).click();
        await queued.nth(3).waitFor({ state: "detached" });
        lift();
        await page.locator(".message:not([data-sending])").getByText("three").waitFor();
        expect(await texts(page)).toEqual(["from others", "one", "two", "three"]);
        await page.locator(".notice").waitFor({ state: "detached" });
      },
      TIMEOUT,
    );
  }
});

pageSuite("a new stream", (rig) => {
  test(
    "that comes too soon: the dialog says when to try again",
    async () => {
      const page = await rig().open("/new");
      await page.route("**/streams", (route) => {
        if (route.request().method() !== "POST") return route.continue();
        const body = JSON.stringify({ code: "rate_limited", detail: TOO_FAST });
        return route.fulfill({ status: 429, headers: { "retry-after": "3" }, body });
      });
      await button(page, "Create").click();
      await page
        .getByRole("dialog")
        .getByText(/That was too fast for the server\..* Try again in/)
        .waitFor();
      await look(page, "new-too-fast");
      // Enabled again when the time is over.
      await page.locator("button.primary[aria-disabled=false]").getByText("Create").waitFor();
    },
    TIMEOUT,
  );
});

pageSuite("the notice that a stream is about to expire", (rig) => {
  test(
    "goes away when a message arrives",
    async () => {
      const page = await rig().open("/");
      const socket = await Socket.of(page);
      await rig().post("foo", "Anybody?");
      await page.evaluate("location.hash = 'foo'");
      await message(page, "Anybody?").waitFor();
      await page.locator(".state[data-state=live]").waitFor();
      await socket.expiring("foo", 60);
      await page.locator(".notice").getByText("This stream expires in").first().waitFor();
      await say(page, "Still here.");
      await page.locator(".notice").waitFor({ state: "detached" });
    },
    TIMEOUT,
  );
});

pageSuite("looks", (rig) => {
  test(
    "a rate-limited message",
    async () => {
      const page = await rig().open("/");
      await limitFrames(page, 30);
      await rig().post("foo", "Slowly, please.");
      await page.evaluate("location.hash = 'foo'");
      await message(page, "Slowly, please.").waitFor();
      for (const text of ["One", "A second one, which is longer, so that it breaks into lines.", "Three"])
        await say(page, text);
      await page.getByText("Waiting to be sent").nth(2).waitFor();
      await look(page, "rate-limited");
    },
    TIMEOUT,
  );

  test(
    "the user's own stream about to expire",
    async () => {
      const page = await rig().open("/new");
      const socket = await Socket.of(page);
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("mine");
      await button(page, "Create").click();
      await page.getByRole("heading", { name: "Your stream is ready" }).waitFor();
      await say(page, "Anybody?");
      await page.locator(".message:not([data-sending])").getByText("Anybody?").waitFor();
      await socket.expiring("mine", 60);
      await page.locator(".notice").getByText("Your stream expires in").first().waitFor();
      await look(page, "expiring-own");
      await socket.expired("mine");
      await log(page).getByText("This stream went quiet and expired.").waitFor();
      await look(page, "ended-own");
    },
    TIMEOUT,
  );

  test(
    "loading",
    async () => {
      const page = await rig().open("/");
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
      await look(page, "loading");
      answer();
      await message(page, "It was worth the wait.").waitFor();
      expect(await draft(page).inputValue()).toBe("Am I first?");
    },
    TIMEOUT,
  );
});
