import { describe, expect, spyOn, test } from "bun:test";
import { problemOf, TestApp } from "../../test-support/server.ts";

const PATHS = {
  "/messages": "GET, POST, OPTIONS",
  "/events": "GET, OPTIONS",
  "/streams": "GET, POST, DELETE, OPTIONS",
  "/health": "GET, OPTIONS",
  "/ready": "GET, OPTIONS",
  "/limits": "GET, OPTIONS",
  "/": "GET, OPTIONS",
};

describe("methods", () => {
  for (const [path, allow] of Object.entries(PATHS)) {
    test(`${path} allows ${allow}`, async () => {
      const app = new TestApp();
      for (const method of ["PUT", "PATCH", "PROPFIND", "SEARCH", "POST", "DELETE"]) {
        if (allow.includes(method)) continue;
        const response = await app.request(path, { method });
        expect(response.headers.get("allow")).toBe(allow);
        expect(await problemOf(response)).toMatchObject({
          status: 405,
          code: "method_not_allowed",
          detail: `Allowed methods: ${allow}`,
        });
      }
    });

    test(`${path} answers preflights and plain OPTIONS`, async () => {
      const headers = { origin: "https://example.org", "access-control-request-method": "POST" };
      for (const init of [{ headers }, {}]) {
        const response = await new TestApp().request(path, { method: "OPTIONS", ...init });
        expect(response.status).toBe(204);
        expect(response.headers.get("allow")).toBe(allow);
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
        expect(response.headers.get("access-control-allow-methods")).toBe(allow);
        const allowed = response.headers.get("access-control-allow-headers")?.split(", ");
        expect(allowed).toEqual(["authorization", "content-type", "last-event-id"]);
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
        expect(await response.text()).toBe("");
      }
    });

    test(`${path} answers HEAD like GET`, async () => {
      const app = new TestApp();
      const get = await app.request(path);
      const head = await app.request(path, { method: "HEAD" });
      expect(head.status).toBe(200);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      await get.body?.cancel();
    });
  }
});

describe("paths", () => {
  const unknown = [
    "/message",
    "/messages/",
    "/Messages",
    "//messages",
    "/%6dessages",
    "/messages%3Fstream=foo",
    "/__proto__",
    "/constructor",
    "/toString",
    "/favicon.ico",
    "/streams/foo",
  ];
  for (const path of unknown) {
    test(`${path} is not found`, async () => {
      for (const method of ["GET", "POST", "OPTIONS", "HEAD"]) {
        expect(await problemOf(await new TestApp().request(path, { method }))).toMatchObject({
          status: 404,
          code: "not_found",
        });
      }
    });
  }

  describe("that are names of streams", () => {
    /** What Chromium, Firefox and Safari send for a page. */
    const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

    for (const name of ["kb", "amber-otter-42", ".secret", "~abc", "favicon.ico", "x".repeat(64)])
      test(`lead a browser from /${name} to the page`, async () => {
        for (const method of ["GET", "HEAD"]) {
          const { status, headers } = await new TestApp().request(`/${name}?a=b`, {
            method,
            headers: browser,
            redirect: "manual",
          });
          expect([status, headers.get("location")]).toEqual([302, `/#${name}`]);
          expect(headers.get("cache-control")).toBe("no-store");
          expect(headers.get("referrer-policy")).toBe("no-referrer");
        }
      });

    const requests: readonly (readonly [string, RequestInit])[] = [
      ["/kb", {}],
      ["/kb", { headers: { accept: "*/*" } }],
      ["/kb", { headers: { accept: "application/json" } }],
      ["/kb", { headers: { accept: "text/html;q=0, */*" } }],
      ["/kb", { method: "POST", headers: browser }],
      ["/kb/", { headers: browser }],
      ["/kb/more", { headers: browser }],
      ["//kb", { headers: browser }],
      ["/%6bb", { headers: browser }],
      ["/k%0d%0ab", { headers: browser }],
      [`/${"x".repeat(65)}`, { headers: browser }],
    ];
    for (const [path, init] of requests)
      test(`are not found otherwise: ${init.method ?? "GET"} ${path.slice(0, 20)} ${JSON.stringify(init.headers ?? {}).slice(0, 40)}`, async () => {
        expect(await problemOf(await new TestApp().request(path, init))).toMatchObject({ status: 404 });
      });
  });

  test("a query does not change the path", async () => {
    expect((await new TestApp().request("/health?/messages?a=b")).status).toBe(200);
    expect((await new TestApp().request("/?x")).status).toBe(200);
  });
});

describe("every response of the API", () => {
  test("allows any origin, sets no cookie, and forbids caching and sniffing", async () => {
    const app = new TestApp();
    await app.post("foo", "hello");
    const requests: [string, RequestInit?][] = [
      ["/messages?stream=foo", { headers: { origin: "https://example.org", cookie: "a=b" } }],
      ["/messages?stream=foo&text=a", { method: "POST" }],
      ["/messages?stream=not%20one"],
      ["/streams"],
      ["/streams", { method: "POST" }],
      ["/limits"],
      ["/presence"],
    ];
    for (const [target, init] of requests) {
      const { headers } = await app.request(target, init);
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      expect(headers.get("set-cookie")).toBeNull();
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});

describe("errors", () => {
  test("have the members of RFC 9457 and a code", async () => {
    const response = await new TestApp().request("/nothing");
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "urn:malten:problem:not_found",
      title: "Not found",
      status: 404,
      detail: "No such path",
      code: "not_found",
    });
  });

  test("of the server itself do not reveal their cause", async () => {
    const app = new TestApp();
    for (const outcome of ["throws", "rejects"]) {
      const spy = spyOn(app.hub, "page").mockImplementation(() => {
        const error = new Error("a secret at /root/src/hub.ts:1");
        if (outcome === "throws") throw error;
        return Promise.reject(error);
      });
      const response = await app.request("/messages?stream=foo");
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).toContain(`"code":"internal"`);
      expect(text).not.toContain("secret");
      spy.mockRestore();
    }
  });

  test("503 has Retry-After, and 401 has WWW-Authenticate", async () => {
    const full = await new TestApp({ maxMemory: 100 }).request("/streams", { method: "POST" });
    expect(full.headers.get("retry-after")).toMatch(/^[0-9]+$/);
    expect(await problemOf(full)).toMatchObject({ status: 503, code: "memory_full" });
    const missing = await new TestApp().request("/streams?stream=foo", { method: "DELETE" });
    expect(missing.headers.get("www-authenticate")).toStartWith("Bearer");
    expect(await problemOf(missing)).toMatchObject({ status: 401, code: "token_missing" });
  });

  test("quote input shortened and escaped", async () => {
    const name = `${"\u001b[2J".repeat(2)}\u2028${"x".repeat(500)}`;
    const query = `${encodeURIComponent(name)}=1`;
    const { detail } = await problemOf(await new TestApp().request(`/messages?${query}&${query}`));
    expect(detail).not.toContain("\u001b");
    expect(detail.length).toBeLessThan(100);
  });
});

describe("the Host header", () => {
  test("must be a single one", async () => {
    const request = new Request("http://localhost/health", { headers: { host: "localhost, evil.example" } });
    const response = await new TestApp().handle(request);
    expect(response?.status).toBe(400);
    expect(await response?.json()).toMatchObject({ code: "bad_request" });
  });
});
