// Uses sealed streams of a server in its own process in every way, and looks for what it must not tell: tokens, hashes and names.
import { afterAll, expect, test } from "bun:test";
import { envelope, sealedStream, type SealedStream } from "../test-support/access-tokens.ts";
import { SocketClient } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

/** Sends a token in every place where one belongs, and returns everything that the server answered but messages. */
async function use(url: string, { name, tokens }: SealedStream, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const heard: string[] = [];
  for (const [method, target] of [
    ["POST", `/streams?stream=${name}&ttl=60`],
    ["POST", `/messages?stream=${name}&text=${envelope()}`],
    ["POST", `/messages?stream=${name}&text=hello`],
    ["GET", `/messages?stream=${name}&limit=0`],
    ["GET", `/messages?stream=${name}&last=x`],
    ["GET", `/events?stream=${name}&name=Ann`],
    ["GET", `/presence?stream=${name}&stream=${name}`],
    ["GET", `/streams?q=${name}`],
    ["PATCH", `/streams?stream=${name}`],
    ["DELETE", `/streams?stream=${name}`],
    ["DELETE", `/streams?stream=${name}`],
  ] as const) {
    const response = await fetch(`${url}${target}`, { method, headers });
    const text = await response.text();
    // Whoever creates a stream or publishes gets its name back.
    heard.push(response.status === 201 ? "" : text, JSON.stringify([...response.headers]));
  }
  await using socket = await SocketClient.open(url, "plain&subscribe=false");
  for (const frame of [
    { Type: "subscribe" },
    { Type: "subscribe", Last: token },
    { Type: "message", Text: envelope() },
    { Type: "message", Text: token },
    { Type: "presence", Name: token },
    { Type: token },
  ])
    heard.push(JSON.stringify(await socket.ask({ Stream: name, Access: token, ...frame })));
  for (const wrong of [tokens.reader, { token }, [token]])
    heard.push(JSON.stringify(await socket.ask({ Type: "subscribe", Stream: name, Access: wrong })));
  heard.push(
    JSON.stringify(await socket.ask(`{"Type":"subscribe","Access":"${token}","Access":"${token}"}`)),
  );
  return heard.join("\n");
}

test("no token, hash or name of a sealed stream is in an error, in the log or in the metrics", async () => {
  const args = ["--port", "0", "--rate-limit", "0", "--metrics-port", "0", "--log-format", "json"];
  const server = await ServerProcess.start({ args });
  const metricsUrl = /http:\S+$/.exec(await server.nextLine())?.[0] ?? "";
  const [stream, other] = [sealedStream(), sealedStream()];
  const answers: string[] = [];
  for (const token of [...Object.values(stream.tokens), ...Object.values(other.tokens), "canary-of-a-token"])
    answers.push(await use(server.url.origin, stream, token));
  const metrics = await (await fetch(metricsUrl)).text();
  expect(metrics).toContain('code="envelope_required"');
  expect(await server.stop()).toBe(0);
  const told = [...answers, metrics, await server.errors].join("\n");
  for (const { name, tokens, parts } of [stream, other]) {
    const secrets = parts.flatMap((part) =>
      (["hex", "base64", "base64url"] as const).map((encoding) => part.toString(encoding).replace(/=+$/, "")),
    );
    for (const secret of [name, name.slice(1), ...Object.values(tokens), ...secrets, "canary-of-a-token"])
      expect(told).not.toContain(secret);
  }
}, 30_000);
