// The proof of a right to a sealed stream: sent with everything about that stream, and with nothing else.
import { expect, test } from "bun:test";
import { ScriptedServer } from "../../test-support/client/scripted-server.ts";
import { becomes } from "../../test-support/client/states.ts";
import { Malten, type TransportName } from "./index.ts";

const TOKEN = "AQID";

function client(server: ScriptedServer, transport: TransportName): Malten {
  const malten = new Malten(server.url, { transports: [transport] });
  malten.http.access.set("~sealed", {
    right: "owner",
    token: TOKEN,
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return malten;
}

test("frames about a sealed stream have its token, and others have none", async () => {
  await using server = new ScriptedServer({});
  const malten = client(server, "websocket");
  for (const name of ["~sealed", "open"]) {
    const stream = malten.stream(name);
    void stream.listen();
    await becomes(stream, "live");
    stream.setPresence({ name: "ann" });
    await stream.send("x");
  }
  const tokens = (name: string) =>
    new Map(
      server.frames.flatMap((frame) => (frame.Stream === name ? [[frame.Type, frame.Access] as const] : [])),
    );
  expect(tokens("~sealed")).toEqual(
    new Map([
      ["subscribe", TOKEN],
      ["presence", TOKEN],
      ["message", TOKEN],
    ]),
  );
  expect(new Set(tokens("open").values())).toEqual(new Set([undefined]));
  malten.close();
});

test("requests about a sealed stream have its token in a header, and others have none", async () => {
  const seen = new Map<string, string | null>();
  await using server = new ScriptedServer({
    async http(request) {
      const { pathname, searchParams } = new URL(request.url);
      const form = request.method === "POST" ? new URLSearchParams(await request.text()) : searchParams;
      seen.set(
        `${request.method} ${pathname} ${form.get("stream") ?? ""}`,
        request.headers.get("authorization"),
      );
      if (pathname === "/messages" && request.method === "GET")
        return Response.json([], { headers: { "malten-server": "me" } });
      if (pathname === "/messages") return Response.json({ Id: "1", Created: "1000" });
      if (pathname === "/streams") return Response.json({ stream: "~sealed", ttl: 60, owner: "o" });
      return pathname === "/events" ? Response.json({}) : null;
    },
  });
  const malten = client(server, "sse");
  await malten.create({ name: "~sealed" });
  for (const name of ["~sealed", "open"]) {
    const stream = malten.stream(name);
    await stream.send("x");
    await stream.presence();
    await stream.read().next();
    // Ends listening: the answer is no event stream.
    void stream.listen();
    await becomes(stream, "reconnecting");
    stream.close();
  }
  const expected = ["POST /messages", "GET /presence", "GET /messages", "GET /events"];
  for (const request of expected) {
    expect([request, seen.get(`${request} ~sealed`)]).toEqual([request, `Bearer ${TOKEN}`]);
    expect([request, seen.get(`${request} open`)]).toEqual([request, null]);
  }
  expect(seen.get("POST /streams ~sealed")).toBe(`Bearer ${TOKEN}`);
  expect(seen.get("GET /limits ")).toBeNull();
  malten.close();
});

test("the longest envelope fits in a frame, and no frame is longer than a server takes", async () => {
  await using server = new ScriptedServer({});
  const stream = client(server, "websocket").stream("~sealed");
  await stream.send(`~1.${"x".repeat(8189)}`);
  expect(server.frames.at(-1)?.Text?.length).toBe(8192);
  // In UTF-8, three bytes each.
  expect(stream.send("€".repeat(5460))).rejects.toMatchObject({ code: "body_too_large" });
  await stream.send("still connected");
  stream.close();
});
