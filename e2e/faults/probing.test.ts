// Guessing names reveals nothing: a private stream that exists answers like one that does not.
import { afterAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { envelope, sealedStream } from "../../test-support/access-tokens.ts";
import { SocketClient } from "../../test-support/clients.ts";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get } = new HostileClient(server);

afterAll(() => server.stop());

async function createPrivate(stream = ""): Promise<{ stream: string; owner: string }> {
  const response = await send(`POST /streams?private=true${stream} HTTP/1.1\r\n${HOST}\r\n`);
  expect(response?.status).toBe(201);
  return JSON.parse(response?.body ?? "") as { stream: string; owner: string };
}

/** Returns the whole response to a request for a stream, without the date and the name of the stream. */
async function answerTo(method: string, stream: string, headers = ""): Promise<string> {
  using connection = await RawConnection.open(server.port);
  connection.send(
    `${method} /streams?stream=${stream} HTTP/1.1\r\n${HOST}${headers}Connection: close\r\n\r\n`,
  );
  return (await connection.rest()).replace(/Date: .*\r\n/, "").replaceAll(stream, "NAME");
}

test("ending a private stream with a wrong token is answered like ending one that does not exist, byte for byte", async () => {
  const created = await createPrivate("&stream=.secret");
  for (const token of ["x", "a".repeat(26), "", created.owner.slice(1)]) {
    const header = `Authorization: Bearer ${token}\r\n`;
    expect(await answerTo("DELETE", ".secret", header)).toBe(await answerTo("DELETE", ".absent", header));
  }
  expect(await answerTo("DELETE", ".secret")).toBe(await answerTo("DELETE", ".absent"));
  // It is still there for its owner.
  expect(await answerTo("DELETE", ".secret", `Authorization: Bearer ${created.owner}\r\n`)).toStartWith(
    "HTTP/1.1 204 ",
  );
});

test("a private stream is never listed, whatever is asked for, also not with listeners and messages", async () => {
  await createPrivate("&stream=hidden");
  await server.publish("hidden", "a");
  await using _ = await SocketClient.open(server.url, "hidden");
  for (const q of ["", "h", "hidden", "hidde"]) {
    expect((await get(`/streams?q=${q}`))?.body).not.toContain("hidden");
  }
  expectProblem(await get("/streams?q=*"), 400, "bad_parameter");
});

test("generated private names have 130 random bits", async () => {
  const created = await Promise.all(Array.from({ length: 50 }, () => createPrivate()));
  const streams = created.map(({ stream }) => stream);
  expect(new Set(streams).size).toBe(50);
  // 32 letters and digits: five bits each.
  for (const stream of streams) expect(stream.replace(/^\./, "")).toMatch(/^[a-z2-7]{26}$|^[a-z0-9]{26}$/);
  const digits = streams.map((stream) => new Set(stream).size);
  expect(Math.min(...digits)).toBeGreaterThan(8);
});

test("reading and listening to a private stream that was not guessed create nothing", async () => {
  expect((await get("/messages?stream=.guess"))?.body).toBe("[]");
  expect((await get("/presence?stream=.guess"))?.body).toContain('"Observers":0');
  await createPrivate("&stream=.guess");
});

test("whatever is asked about a sealed stream without the right, its existence changes no byte of the answer", async () => {
  const [present, absent, other] = [sealedStream(), sealedStream(), sealedStream()];
  await server.publish(present.name, "~1.AA");
  const access = { authorization: `Bearer ${present.tokens.reader}` };
  await using _ = await SocketClient.open(server.url, `${present.name}&name=~1.AA`, [], access);
  const value = fc.constantFrom("", "0", "1", "-1", "1024", "true", "earliest", "x", "~1.AA", envelope(1537));
  const parameter = fc.tuple(
    fc.constantFrom(
      "text",
      "limit",
      "last",
      "direction",
      "id",
      "wait",
      "name",
      "status",
      "ttl",
      "private",
      "ref",
    ),
    value,
  );
  const asked = fc.record({
    method: fc.constantFrom("GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"),
    path: fc.constantFrom("/messages", "/events", "/presence", "/streams", "/", "/share"),
    parameters: fc.uniqueArray(parameter, { maxLength: 3, selector: ([name]) => name }),
    accept: fc.constantFrom("text/event-stream", "application/x-ndjson", "text/plain", "*/*"),
    token: fc.constantFrom("", "x", other.tokens.owner),
    inBody: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ method, path, parameters, accept, token, inBody }) => {
      const answer = async (name: string) => {
        const form = new URLSearchParams([["stream", name], ...parameters]).toString();
        const inForm = inBody && method === "POST";
        const target = inForm ? path : `${path}?${form}`;
        const proof = token === "" ? "" : `Authorization: Bearer ${token}\r\n`;
        const type = inForm ? "Content-Type: application/x-www-form-urlencoded\r\n" : "";
        const body = inForm ? form : "";
        using connection = await RawConnection.open(server.port);
        connection.send(`${method} ${target} HTTP/1.1\r\n${HOST}Connection: close\r\nAccept: ${accept}\r\n`);
        connection.send(`${proof}${type}Content-Length: ${body.length}\r\n\r\n${body}`);
        return (await connection.rest()).replace(/Date: .*\r\n/i, "").replaceAll(name, "NAME");
      };
      expect(await answer(present.name)).toBe(await answer(absent.name));
    }),
    { numRuns: 300 },
  );
});
