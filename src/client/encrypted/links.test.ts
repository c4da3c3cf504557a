// Links that are wrong, and platforms without Web Crypto: an error that says what to do, and that contains nothing of the link.
import { afterEach, expect, test } from "bun:test";
import { inspect } from "node:util";
import { createSecrets, deriveKeys } from "../../crypto/secrets.ts";
import { formatLink } from "../../crypto/link.ts";
import { ScriptedServer } from "../../../test-support/client/scripted-server.ts";
import { failure } from "../../../test-support/client/states.ts";
import { Malten, MaltenError } from "../index.ts";
import { create, open, pipe, type EncryptedErrorCode } from "./index.ts";

const SERVER = new URL("http://127.0.0.1:9/base/");

const { secrets } = await deriveKeys(createSecrets());
const WRITER = formatLink(SERVER, secrets.writer ?? secrets.reader);
const SECRET = WRITER.slice(WRITER.indexOf("#v1:") + 4);
const PIPE = formatLink(SERVER, {
  kind: "pipe",
  writeSecret: new Uint8Array(32).fill(1),
  ownerHash: new Uint8Array(32).fill(2),
  pipeSecret: new Uint8Array(32).fill(3),
  keyHash: new Uint8Array(32).fill(4),
});

afterEach(() => {
  Reflect.deleteProperty(crypto, "subtle");
});

/** Expects an error of the SDK that has nothing of the link in it. */
async function expectRefusal(promise: Promise<unknown>, code: EncryptedErrorCode): Promise<string> {
  const error = await failure(promise);
  if (!(error instanceof MaltenError)) throw new Error(`Not refused: ${String(error)}`);
  expect(error.code).toBe(code);
  const text = `${error.message} ${error.stack} ${Bun.inspect(error)} ${Bun.inspect(error.cause)}`;
  for (let at = 0; at + 12 <= SECRET.length; at += 4) expect(text).not.toContain(SECRET.slice(at, at + 12));
  return error.message;
}

const CASES: [what: string, link: string, code: EncryptedErrorCode][] = [
  ["nothing", "", "link_invalid"],
  ["the name of a stream", "foo", "link_invalid"],
  ["an address without a secret", "https://host/", "link_invalid"],
  ["a link that was cut in the middle", WRITER.slice(0, -20), "link_cut"],
  ["a link that was cut by one character", WRITER.slice(0, -1), "link_cut"],
  ["a link of a later version", WRITER.replace("#v1:", "#v2:"), "link_newer"],
  ["a link of an earlier version", WRITER.replace("#v1:", "#v0:"), "link_older"],
  ["a link with something behind it", `${WRITER}.`, "link_invalid"],
  ["a link to something else than a web server", WRITER.replace("http:", "ftp:"), "link_invalid"],
];

for (const [what, link, code] of CASES)
  test(`${what} is neither opened nor joined`, async () => {
    await expectRefusal(open(link), code);
    await expectRefusal(pipe.join(link), code);
  });

test("the link of a pipe is not opened, and that of a stream not joined", async () => {
  expect(await expectRefusal(open(PIPE), "link_pipe")).toContain("joined");
  expect(await expectRefusal(pipe.join(WRITER), "link_stream")).toContain("opened");
});

test("links have white space around them, a base path, and come back the same", async () => {
  const stream = await open(`  ${WRITER}\n`);
  expect(stream.links.writer).toBe(WRITER);
  expect(stream.state.kind).toBe("idle");
});

test("opening a link sends nothing", async () => {
  let requests = 0;
  await using server = new ScriptedServer({
    http() {
      requests++;
      return null;
    },
  });
  const malten = new Malten(server.url);
  await open(WRITER, { malten });
  expect([requests, server.attempts]).toEqual([0, 0]);
});

test("without Web Crypto, errors say what to do", async () => {
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  const malten = new Malten(SERVER);
  for (const attempt of [create(malten), open(WRITER), pipe.create(malten), pipe.join(PIPE)])
    expect(await expectRefusal(attempt, "insecure_context")).toContain("HTTPS");
  expect(malten.http.access.size).toBe(0);
});

test("what programs log of a client, a stream or a pipe has no secret", async () => {
  await using server = new ScriptedServer({
    http: ({ method }) => (method === "POST" ? Response.json({ stream: "~x", ttl: 60 }) : null),
  });
  const malten = new Malten(server.url);
  const stream = await open(WRITER, { malten });
  const created = await pipe.create(malten);
  const tokens = Array.from(malten.http.access.values(), ({ token }) => token);
  expect(tokens).toHaveLength(2);
  const values = [malten, stream, created, stream.state, created.state];
  const logged = values.map((value) => `${Bun.inspect(value)} ${inspect(value)} ${JSON.stringify(value)}`);
  for (const secret of [...tokens, SECRET, created.link?.split("#v1:")[1] ?? ""])
    expect(logged.join()).not.toContain(secret.slice(2, 20));
  created.close();
  stream.close();
});

test("no error about a server contains a secret", async () => {
  await using server = new ScriptedServer({
    refusesSockets: () => true,
    http: () => Response.json({ code: "not_found", detail: "No such stream" }, { status: 404 }),
  });
  const malten = new Malten(server.url, { transports: ["sse"] });
  const stream = await open(WRITER, { malten });
  const { token } = malten.http.access.get(stream.name) ?? { token: "" };
  const errors = await Promise.all([
    failure(stream.presence()),
    failure(stream.read().next()),
    failure(create(malten)),
    failure(open(WRITER).then((unreachable) => unreachable.send("x", { timeout: 1 }))),
  ]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(MaltenError);
    const text = Bun.inspect(error);
    expect(text).not.toContain(token.slice(0, 12));
    expect(text).not.toContain(SECRET.slice(0, 12));
  }
  stream.close();
});
