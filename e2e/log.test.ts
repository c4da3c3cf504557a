// What the server tells its operator in a full run: its own life, and nothing that passes through it.
import { afterAll, expect, test } from "bun:test";
import { SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { RawConnection } from "../test-support/raw.ts";

afterAll(expectNoProcessLeft);

const SECRET = "canary-7f3a";
/** TEST-NET-3, RFC 5737. */
const ADDRESS = "203.0.113.77";

/** Uses the server well and badly, with the secret in every place. */
async function use(server: ServerProcess): Promise<void> {
  const url = server.url.origin;
  const requests: [path: string, init?: RequestInit][] = [
    [`/messages?stream=${SECRET}&text=${SECRET}&ref=${SECRET}`, { method: "POST" }],
    [`/messages?stream=${SECRET}&text=other&ref=${SECRET}`, { method: "POST" }],
    [`/messages?stream=${SECRET}`],
    [`/messages?stream=${SECRET}/&text=${SECRET}`, { method: "POST" }],
    [`/messages?stream=${SECRET}&stream=${SECRET}`],
    [`/messages?stream=%FF${SECRET}&last=${SECRET}`],
    [`/events?stream=${SECRET}&last=${SECRET}`],
    [`/events?stream=a&name=${SECRET}%00`],
    [`/streams?name=${SECRET}`, { method: "POST" }],
    [`/streams?name=${SECRET}`, { method: "DELETE", headers: { authorization: `Bearer ${SECRET}` } }],
    [`/${SECRET}?${SECRET}`, { method: "PATCH" }],
    [
      "/messages",
      {
        method: "POST",
        body: `{"stream":"${SECRET}","text":`,
        headers: { "content-type": "application/json" },
      },
    ],
    [
      "/messages",
      { method: "POST", body: new Uint8Array([0xff, 0xfe]), headers: { "content-type": `text/${SECRET}` } },
    ],
  ];
  for (const [path, init] of requests) {
    const headers = new Headers(init?.headers);
    headers.set("x-forwarded-for", ADDRESS);
    headers.set("forwarded", `for=${ADDRESS}`);
    const response = await fetch(`${url}${path}`, { ...init, headers });
    await response.body?.cancel();
  }
  await using socket = await SocketClient.open(url, `${SECRET}&name=${SECRET}`);
  for (const frame of [SECRET, { Type: SECRET }, { Type: "message", Text: SECRET }, new Uint8Array([1])])
    await socket.ask(frame);
  for (const bytes of [
    `GET /${SECRET} HTTP/1.1\r\nHost: ${SECRET}\r\nHost: b\r\n\r\n`,
    `${SECRET}\r\n\r\n`,
    `POST /messages HTTP/1.1\r\nHost: ${SECRET}\r\nContent-Length: 99\r\n\r\n${SECRET}`,
  ]) {
    using connection = await RawConnection.open(server.port);
    connection.send(bytes);
    await fetch(`${url}/health`);
  }
}

for (const format of ["text", "json"] as const) {
  test(`as ${format}, no name, text or address is logged, nor in the metrics`, async () => {
    const args = ["--port", "0", "--log-format", format, "--metrics-port", "0"];
    const server = await ServerProcess.start({ args });
    const metricsUrl = /http:\S+$/.exec(await server.nextLine())?.[0] ?? "";
    await use(server);
    const metrics = await (await fetch(metricsUrl)).text();
    for (const secret of [SECRET, ADDRESS, "127.0.0.1", "::1"]) expect(metrics).not.toContain(secret);
    const labels = new Set(metrics.match(/(?<=[{,])[a-z_]+(?==")/g));
    expect(Array.from(labels).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "code",
      "le",
      "transport",
      "version",
    ]);
    server.signal("SIGHUP");
    await fetch(new URL("/health", server.url));
    expect(await server.stop()).toBe(0);
    // The advice in a warning, and the server's own address.
    const log = (await server.errors).replace("such as 127.0.0.1", "").replace(metricsUrl, "");
    for (const secret of [SECRET, ADDRESS, "127.0.0.1", "::1", "::ffff"]) expect(log).not.toContain(secret);
    if (format === "text") return;
    const lines = log
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { time: string; level: string; message: string });
    for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines.filter(({ level }) => level === "error")).toEqual([]);
    const messages = lines.map(({ message }) => message);
    for (const message of ["starting", "listening", "shutting down", "stopped"])
      expect(messages).toContain(message);
  }, 30_000);
}
