// How the page loads: size, caching and security headers.
import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HtmlValidate } from "html-validate/node";
import type { WebSocketRoute } from "playwright-core";
import type { BuiltPage } from "../../src/server/pages.ts";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";
import { openLink, TestStream } from "./encrypted.ts";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, message, say } from "./window.ts";

afterAll(expectNoProcessLeft);

/** Everything needed to send and read messages, compressed, in bytes. */
const MAX_SIZE = 60_000;

/** What an encrypted stream needs besides, compressed, in bytes. */
const MAX_ENCRYPTED = 30_000;

pageSuite("the page loads", (rig) => {
  test(
    "in less than 60 kB, including everything needed to talk",
    async () => {
      // An empty stream also shows a QR code of its link, once one can talk.
      await rig().post("foo", "before");
      const context = await rig().browser.newContext({ serviceWorkers: "block" });
      const page = await context.newPage();
      const bodies: Promise<Buffer>[] = [];
      page.on("response", (response) => {
        // Not the API: the page aborts some of its requests, and the browser then discards the response.
        if (response.request().resourceType() !== "fetch") bodies.push(response.body());
      });
      await page.goto(new URL("/#foo", rig().server.url).href);
      await draft(page).waitFor();
      await say(page, "hello");
      await message(page, "hello").waitFor();
      await page.waitForLoadState("networkidle");
      const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
      const sum = sizes.reduce((a, b) => a + b, 0);
      expect(sum).toBeGreaterThan(10_000);
      expect(sum).toBeLessThan(MAX_SIZE);
    },
    TIMEOUT,
  );

  test(
    "with the code of an empty stream's link once one can talk",
    async () => {
      const page = await rig().open("about:blank");
      const requested: string[] = [];
      page.on("request", (request) => requested.push(request.url()));
      const connection = Promise.withResolvers<WebSocketRoute>();
      await page.routeWebSocket(/\/events/, (socket) => connection.resolve(socket));
      await page.goto(new URL("/#foo", rig().server.url).href);
      await page.locator(".qr").waitFor();
      const socket = await connection.promise;
      // Effects follow the next frame.
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
      const before = requested.length;
      socket.connectToServer();
      await page.locator(".qr path:not([d=''])").waitFor({ state: "attached" });
      expect(requested.slice(0, before).filter((url) => url.includes("/assets/index-"))).toEqual([]);
      expect(requested.slice(before).filter((url) => url.includes("/assets/index-"))).toHaveLength(1);
    },
    TIMEOUT,
  );

  test(
    "with encryption only where it is used, and not for use offline",
    async () => {
      await using sealed = await TestStream.create(rig());
      await sealed.stream.send("hello");
      const page = await rig().join("foo");
      await page.evaluate("navigator.serviceWorker.ready");
      const loaded = `JSON.stringify(performance.getEntriesByType("resource")
        .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])
        .filter(([path]) => path.startsWith("/assets/")))`;
      const plain = JSON.parse(await page.evaluate<string>(loaded)) as [string, number][];
      const cached = await page.evaluate<string>(`(async () => {
        const keys = [];
        for (const name of await caches.keys())
          for (const { url } of await (await caches.open(name)).keys()) keys.push(url);
        return keys.join();
      })()`);
      expect(cached).toContain("/assets/dialogs");
      const another = await openLink(rig(), sealed.links.writer);
      await message(another, "hello").waitFor();
      const all = JSON.parse(await another.evaluate<string>(loaded)) as [string, number][];
      const paths = new Set(plain.map(([path]) => path));
      const added = all.filter(([path]) => !paths.has(path));
      expect(added.map(([path]) => path).join()).toContain("/assets/encrypted-streams");
      expect(added.some(([path]) => path.includes("open-pipe"))).toBe(false);
      for (const [path] of added.filter(([one]) => /encrypt|pipe/.test(one)))
        expect(cached).not.toContain(path);
      // Compressed: the cryptography, its part of the SDK, the views and their texts.
      expect(added.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(MAX_ENCRYPTED);
    },
    TIMEOUT,
  );

  test(
    "with a manifest, so that it can be installed",
    async () => {
      const page = await rig().open("/");
      const session = await page.context().newCDPSession(page);
      const { errors, url } = await session.send("Page.getAppManifest");
      expect(errors).toEqual([]);
      expect(url).toBe(new URL("/manifest.webmanifest", rig().server.url).href);
      const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
      // Playwright's contexts are incognito windows.
      expect(
        installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"),
      ).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "with one dictionary; dialogs load when they are opened",
    async () => {
      const context = await rig().browser.newContext({ locale: "de-DE", serviceWorkers: "block" });
      const page = await context.newPage();
      const paths: string[] = [];
      page.on("request", (request) => paths.push(new URL(request.url()).pathname));
      await page.goto(rig().server.url.href);
      await page.getByRole("button", { name: "Neuer Stream" }).first().waitFor();
      const kinds = paths
        .map((path) => /\/assets\/(\w+)-/.exec(path)?.[1])
        .filter((kind) => kind !== undefined);
      expect([...new Set(kinds)].toSorted()).toEqual(["de", "home", "main", "style"]);
      await page.getByRole("button", { name: "Neuer Stream" }).first().click();
      await page.getByRole("dialog").waitFor();
      expect(paths.some((path) => path.startsWith("/assets/dialogs"))).toBe(true);
    },
    TIMEOUT,
  );
});

test("its HTML is valid", async () => {
  await using server = await ServerProcess.start();
  const html = await (await fetch(server.url)).text();
  const validate = new HtmlValidate({ extends: ["html-validate:recommended", "html-validate:document"] });
  const { results } = await validate.validateString(html, {
    rules: {
      // The build removes white space between elements; void elements are as the formatter writes them.
      "doctype-style": "off",
      "void-style": "off",
      "no-trailing-whitespace": "off",
      // Inlined on purpose, and allowed by hash.
      "require-sri": "off",
      "no-inline-style": "off",
      // boot.ts fills in the main heading before it is painted.
      "empty-heading": "off",
    },
  });
  expect(
    results.flatMap(({ messages }) => messages.map(({ ruleId, message: text }) => `${ruleId}: ${text}`)),
  ).toEqual([]);
});

test("its headers allow nothing from other origins", async () => {
  await using server = await ServerProcess.start();
  for (const path of ["/", "/new", "/share"]) {
    const { headers } = await fetch(new URL(path, server.url));
    const policy = new Map(
      (headers.get("content-security-policy") ?? "").split("; ").map((one) => split(one)),
    );
    expect(Object.fromEntries([...policy].filter(([name]) => !/^(script|style)-src$/.test(name)))).toEqual({
      "default-src": "'none'",
      "connect-src": "'self'",
      "img-src": "'self' data:",
      "manifest-src": "'self'",
      "worker-src": "'self'",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "malten",
    });
    expect(policy.get("script-src")).toMatch(/^'self'( 'sha256-[\w+/=]+'){3}$/);
    expect(policy.get("style-src")).toMatch(/^'self' 'sha256-[\w+/=]+'$/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("integrity-policy")).toBe("blocked-destinations=(script)");
    expect(headers.get("permissions-policy")).toContain("camera=()");
  }
});

test("its files are compressed; those with a hash in their name are immutable, the others revalidated", async () => {
  await using server = await ServerProcess.start();
  const file = Bun.file(join(import.meta.dir, "..", "..", "dist", "page.json"));
  const built = (await file.json()) as BuiltPage;
  for (const [path, { br, gzip }] of Object.entries(built.files)) {
    for (const [encoding, packed] of [
      ["br", br],
      ["gzip", gzip],
    ] as const) {
      if (packed === undefined) continue;
      const response = await fetch(new URL(path, server.url), { headers: { "accept-encoding": encoding } });
      expect([path, response.headers.get("content-encoding")]).toEqual([path, encoding]);
      const cache = response.headers.get("cache-control");
      expect([path, cache?.includes("immutable")]).toEqual([path, path.startsWith("/assets/")]);
      const etag = response.headers.get("etag") ?? "";
      const again = await fetch(new URL(path, server.url), {
        headers: { "accept-encoding": encoding, "if-none-match": etag },
      });
      expect([path, again.status]).toEqual([path, 304]);
    }
    const plain = await fetch(new URL(path, server.url), {
      headers: { "accept-encoding": "identity, br;q=0" },
    });
    expect([path, plain.headers.get("content-encoding")]).toEqual([path, null]);
    expect((await plain.bytes()).length).toBeGreaterThan(0);
  }
});

pageSuite("a page older than its server", (rig) => {
  test(
    "offers to reload when one of its files no longer exists",
    async () => {
      const context = await rig().browser.newContext({ serviceWorkers: "block" });
      const page = await rig().openIn(context, "/#foo");
      await page.locator(".state[data-state=live]").waitFor();
      await page.route("**/assets/*", (route) => route.fulfill({ status: 404 }));
      await button(page, "Share").click();
      await page.getByRole("alert").getByText("Couldn’t load this part").waitFor();
      await look(page, "reload-notice");
      await button(page, "Close").click();
      await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
      // A link that cannot be opened now is needed again, but not in the address bar.
      await page.evaluate("location.hash = 'v1:secret'");
      await page.getByRole("alert").getByText("Couldn’t load this part").waitFor();
      expect(page.url()).not.toContain("secret");
      await page.goBack();
      await page.locator(".state[data-state=live]").waitFor();
      await page.unroute("**/assets/*");
      await button(page, "Reload").click();
      await page.locator(".state[data-state=live]").waitFor();
      await button(page, "Share").click();
      await page.getByRole("dialog", { name: /Share.*foo/ }).waitFor();
    },
    TIMEOUT,
  );

  test(
    "is kept in the service worker until it is closed",
    async () => {
      let upgraded = false;
      const { url } = rig().server;
      using proxy = Bun.serve({
        port: 0,
        async fetch(request) {
          const { pathname, search } = new URL(request.url);
          if (upgraded && pathname.startsWith("/assets/")) return new Response(null, { status: 404 });
          const response = await fetch(new URL(pathname + search, url), {
            headers: { "accept-encoding": "identity" },
          });
          // Keeps the browser's own cache out of the test.
          response.headers.set("cache-control", "no-store");
          if (!upgraded || pathname !== "/worker.js") return response;
          let count = 0;
          const worker = (await response.text())
            .replaceAll("malten-", "newer-")
            .replaceAll(/"\/assets\/[^"]+"/g, () => `"/icon.svg?${++count}"`);
          return new Response(worker, { headers: { "content-type": "text/javascript" } });
        },
      });
      const page = await rig().open(new URL("/", proxy.url).href);
      await page.evaluate("navigator.serviceWorker.ready");
      upgraded = true;
      await page
        .evaluate(`(async () => {
        const registration = await navigator.serviceWorker.ready;
        await registration.update();
        const { installing } = registration;
        while (installing !== null && !["installed", "activated"].includes(installing.state))
          await new Promise((resolve) => installing.addEventListener("statechange", resolve, { once: true }));
        return (await caches.keys()).join();
      })()`)
        .then((keys) => expect(keys).toContain("newer-"));
      await button(page, "New stream").first().click();
      await page.getByRole("dialog", { name: "New stream" }).waitFor();
    },
    TIMEOUT,
  );
});

function split(directive: string): [string, string] {
  const space = directive.indexOf(" ");
  return [directive.slice(0, space), directive.slice(space + 1)];
}
