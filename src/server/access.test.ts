// Whom the server answers: hosts and origins.
import { describe, expect, test } from "bun:test";
import { problemOf, TestApp } from "../../test-support/server.ts";

const HANDSHAKE = { upgrade: "websocket", connection: "Upgrade" };

function request(url: string, headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(url, { method, headers: { host: url.split("/")[2] ?? "", ...headers } });
}

async function statusOf(
  app: TestApp,
  url: string,
  headers: Record<string, string> = {},
): Promise<number | undefined> {
  const response = await app.handle(request(url, headers));
  await response?.body?.cancel();
  return response?.status;
}

describe("hosts", () => {
  const allowed = [
    "localhost",
    "localhost:9090",
    "LOCALHOST",
    "localhost.",
    "app.localhost:9090",
    "127.0.0.1",
    "127.0.0.1:9090",
    "192.168.1.20:9090",
    "203.0.113.7",
    "[::1]:9090",
    "[2001:db8::1]",
    "machine.example:9090",
    "machine",
    "machine.local",
    "MACHINE.local:80",
    "machine.lan",
    "machine.home.arpa",
    "machine.internal",
  ];
  const refused = [
    "attacker.example",
    "attacker.example:9090",
    "localhost.attacker.example",
    "notlocalhost",
    "127.0.0.1.attacker.example",
    "machine.attacker.example",
    "other.local",
    "192-168-1-20.attacker.example",
    "chat.example",
  ];

  test.each(allowed)("%s is answered", async (host) => {
    expect(await statusOf(new TestApp(), `http://${host}/messages`)).toBe(200);
  });

  test.each(refused)("%s is not, whatever the request", async (host) => {
    const app = new TestApp();
    // The host that was allowed before does not matter.
    await app.request("/messages");
    for (const path of ["/messages", "/events", "/streams", "/limits", "/", "/nothing"]) {
      const response = await app.handle(request(`http://${host}${path}`));
      if (response === undefined) throw new Error("no response");
      expect(await problemOf(response)).toMatchObject({ status: 421, code: "misdirected" });
    }
    const socket = request(`http://${host}/events`, HANDSHAKE);
    expect((await app.handle(socket))?.status).toBe(421);
    expect(app.upgrades).toEqual([]);
    const post = new Request(`http://${host}/messages?text=x`, { method: "POST", headers: { host } });
    expect((await app.handle(post))?.status).toBe(421);
    expect(await app.texts("stream=_")).toEqual([]);
  });

  test("probes are answered for any host, and allow it nothing else", async () => {
    const app = new TestApp();
    for (const path of ["/health", "/ready"])
      expect(await statusOf(app, `http://pod-7.cluster${path}`)).toBe(200);
    expect(await statusOf(app, "http://pod-7.cluster/messages")).toBe(421);
  });

  test("the error names the host and the option", async () => {
    const response = await new TestApp().handle(request("http://chat.example:8080/"));
    const { detail } = await problemOf(response ?? new Response());
    expect(detail).toContain('"chat.example"');
    expect(detail).toContain("--allow-host");
    const long = await new TestApp().handle(request(`http://${"a".repeat(200)}.example/`));
    expect((await problemOf(long ?? new Response())).detail).not.toContain("aaaa");
  });

  test("--allow-host adds some", async () => {
    const app = new TestApp({ allowHosts: ["Chat.example", "203.0.113.7"] });
    expect(await statusOf(app, "http://chat.example:8080/messages")).toBe(200);
    expect(await statusOf(app, "http://localhost/messages")).toBe(200);
    expect(await statusOf(app, "http://www.chat.example/messages")).toBe(421);
  });

  test("--allow-host * allows all", async () => {
    expect(await statusOf(new TestApp({ allowHosts: ["*"] }), "http://attacker.example/messages")).toBe(200);
  });
});

describe("origins", () => {
  const restricted = { allowOrigins: ["https://app.example"] };
  const corsOf = async (app: TestApp, origin?: string, path = "/messages") => {
    const response = await app.handle(
      request(`http://localhost:9090${path}`, origin === undefined ? {} : { origin }),
    );
    await response?.body?.cancel();
    const cors = response?.headers.get("access-control-allow-origin");
    return [response?.status, cors, response?.headers.get("vary")];
  };

  test("all are allowed by default", async () => {
    expect(await corsOf(new TestApp(), "https://any.example")).toEqual([200, "*", null]);
  });

  test("with --allow-origin, only these and the server's own", async () => {
    const app = new TestApp(restricted);
    const allowed = ["https://app.example", "http://localhost:9090", "https://localhost:9090"];
    for (const origin of allowed) expect(await corsOf(app, origin)).toEqual([200, origin, "origin"]);
    const refused = [
      "https://any.example",
      "http://app.example",
      "https://app.example:8443",
      "https://app.example.attacker.example",
      "http://localhost",
      "null",
      "",
    ];
    for (const origin of refused) expect(await corsOf(app, origin)).toEqual([403, null, "origin"]);
    expect(await corsOf(app)).toEqual([200, null, "origin"]);
  });

  test("an origin that is not allowed can neither publish, listen nor ask", async () => {
    const app = new TestApp(restricted);
    const headers = { origin: "https://any.example" };
    const post = await app.request("/messages?text=x", {
      method: "POST",
      headers: { ...headers, host: "localhost" },
    });
    expect(post.status).toBe(403);
    const body = { method: "POST", body: new URLSearchParams({ text: "x" }), headers };
    expect((await app.request("/messages", body)).status).toBe(403);
    expect((await app.request("/messages", { method: "OPTIONS", headers })).status).toBe(403);
    expect((await app.request("/events", { headers: { ...headers, ...HANDSHAKE } })).status).toBe(403);
    expect(app.upgrades).toEqual([]);
    expect(await app.texts("stream=_")).toEqual([]);
    const allowed = { origin: "https://app.example", ...HANDSHAKE };
    expect(await app.handle(request("http://localhost/events", allowed))).toBeUndefined();
    expect(app.upgrades).toHaveLength(1);
  });

  test("late responses and errors name the origin as well", async () => {
    const app = new TestApp(restricted);
    expect(await corsOf(app, "https://app.example", "/streams")).toEqual([
      200,
      "https://app.example",
      "origin",
    ]);
    expect(await corsOf(app, "https://app.example", "/nothing")).toEqual([
      404,
      "https://app.example",
      "origin",
    ]);
  });
});

test("every response forbids guessing its type", async () => {
  const app = new TestApp();
  const all = [
    app.request("/messages"),
    app.request("/events"),
    app.request("/events", { headers: { accept: "text/plain" } }),
    app.request("/events", { method: "HEAD" }),
    app.request("/streams", { method: "OPTIONS" }),
    app.request("/streams", { method: "PUT" }),
    app.request("/nothing"),
    app.request("/limits"),
  ];
  for (const response of await Promise.all(all)) {
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await response.body?.cancel();
  }
});
