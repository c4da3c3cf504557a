// Everything that a server receives, sends, logs, measures and has in its memory, while the SDK uses encrypted streams and pipes: no text, name, secret, key or word, and no token that was not shown to it, in any encoding.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { deriveKeys, createSecrets } from "../../src/crypto/secrets.ts";
import { formatLink } from "../../src/crypto/link.ts";
import { Malten, type TransportName } from "../../src/client/index.ts";
import { create, open, pipe } from "../../src/client/encrypted/index.ts";
import { expectNoProcessLeft } from "../../test-support/process.ts";
import { reportSkipped } from "../../test-support/skipped.ts";
import vectors from "../../test-support/crypto/vectors.json";
import { Canaries } from "./canary.ts";
import type { Secret } from "./detector.ts";
import { hiddenOf, secretsOf, senderKeysIn, senderKeysOf, wordsOf } from "./secrets-of.ts";
import { NOTHING, ServerUnderWatch } from "./server-under-watch.ts";

/** How long a test may take on a busy machine, in milliseconds. */
const TIMEOUT = 60_000;

const isPossible = process.platform === "linux";
if (!isPossible) reportSkipped("the search of the server's memory for secrets", "Linux");

test("secrets are computed as the vectors say", () => {
  // The vectors do not have the last one, the key of presence names.
  const secrets = secretsOf(vectors.links.owner);
  const { stream, sender } = vectors;
  expect(
    Object.values(secrets)
      .slice(0, -1)
      .map((secret) => secret.toString("hex")),
  ).toEqual([
    stream.ownerSecret,
    stream.ownerToken,
    stream.writeSecret,
    stream.writeToken,
    stream.writeKeySeed,
    stream.readSecret,
    stream.readToken,
    stream.messageRoot,
    stream.presenceRoot,
  ]);
  const { base } = senderKeysOf(Buffer.from(stream.messageRoot, "hex"), Buffer.from(sender.publicKey, "hex"));
  expect(base.toString("hex")).toBe(sender.baseKey);
});

/** The server under watch, and what it must not know. */
let server: ServerUnderWatch;
const hidden: Secret[] = [];
const canaries = new Canaries();

function client(transport: TransportName): Malten {
  return new Malten(server.url, { transports: [transport] });
}

/** The keys of all messages on the network, if they were of the stream of this link. */
function messageKeys(stream: string, link: string): Secret[] {
  const root = secretsOf(link)["message root"] ?? Buffer.alloc(0);
  const senders = senderKeysIn(server.capture.bytes());
  expect(senders.length).toBeGreaterThan(0);
  return senders.flatMap((sender) => {
    const { base, key } = senderKeysOf(root, sender);
    return [
      { name: `${stream}: base key`, value: base },
      { name: `${stream}: message key`, value: key },
    ];
  });
}

/** Everyone uses a stream with every right, over every transport. */
async function useStream(): Promise<void> {
  const owner = await create(client("websocket"), { ttl: 600 });
  const writer = await open(owner.links.writer ?? "", { malten: client("sse") });
  const reader = await open(owner.links.reader, { malten: client("poll") });
  const heard = reader.listen({ since: "earliest", name: canaries.name("presence of a reader") });
  const others = [owner.listen({ name: canaries.name("presence of an owner") }), writer.listen()];
  owner.setPresence({ name: canaries.name("presence"), status: "away" });
  for (const one of [owner, writer]) {
    await one.send(canaries.text(`text of a ${one.right}`), {
      name: canaries.name(`name of a ${one.right}`),
    });
    expect(canaries.secrets.map(({ value }) => value)).toContain((await heard.next()).value?.text ?? "");
  }
  expect((await reader.presence()).people.length).toBeGreaterThan(0);
  expect((await Array.fromAsync(owner.read())).flat()).toHaveLength(2);
  for (const one of others) await one.return?.();
  const link = owner.links.owner ?? "";
  hidden.push(
    ...hiddenOf("stream", link, "owner token", "write token", "read token"),
    ...messageKeys("stream", link),
  );
  owner.close();
  writer.close();
  reader.close();
}

/** Only some rights are ever used, so the server must not learn the tokens of the others. */
async function useSomeRights(): Promise<void> {
  const alone = await create(client("websocket"));
  await alone.send(canaries.text("text of an owner who is alone"));
  hidden.push(...hiddenOf("alone", alone.links.owner ?? "", "owner token"));
  // An owner who has not come yet: a writer's first message creates the stream.
  const { secrets } = await deriveKeys(createSecrets());
  const linkOf = (one: typeof secrets.owner | typeof secrets.writer) =>
    one ? formatLink(new URL(server.url), one) : "";
  const writer = await open(linkOf(secrets.writer), { malten: client("sse") });
  await writer.send(canaries.text("text of a writer who is alone"));
  hidden.push(...hiddenOf("writer", linkOf(secrets.owner), "write token"));
  await alone.end();
  alone.close();
  writer.close();
}

async function usePipe(): Promise<void> {
  const one = await pipe.create(client("websocket"));
  const other = await pipe.join(one.link ?? "", { malten: client("sse") });
  await Promise.all([one.joined, other.joined]);
  const messages = other.messages();
  const text = canaries.text("text in a pipe");
  await one.send(text);
  expect((await messages.next()).value?.text).toBe(text);
  const writer = other.writable.getWriter();
  await writer.write(Buffer.from(canaries.text("bytes in a pipe")));
  const closed = writer.close();
  expect((await new Response(one.readable).text()).length).toBeGreaterThan(60);
  await closed;
  hidden.push(...hiddenOf("pipe", one.link ?? "", "write token"), ...wordsOf("pipe", one.words));
  await one.end();
}

describe.if(isPossible)("the server", () => {
  beforeAll(async () => {
    server = await ServerUnderWatch.start();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await expectNoProcessLeft();
  });

  test(
    "has nothing that the SDK keeps from it",
    async () => {
      await useStream();
      await useSomeRights();
      await usePipe();
      const used = [...hidden, ...canaries.secrets];
      expect(used.length).toBeGreaterThan(50);
      expect(await server.find(used)).toEqual(NOTHING);
    },
    TIMEOUT,
  );

  test(
    "has what is not encrypted, and the tokens that it was shown: the search finds them",
    async () => {
      const plain = new Canaries();
      const text = plain.text("plain text");
      const name = plain.name("plain name");
      const malten = client("websocket");
      const listening = malten.stream("plain").listen({ name });
      await malten.stream("plain").send(text);
      await listening.next();
      const stream = await create(client("poll"));
      await stream.send("x");
      await open(stream.links.reader).then((reader) => reader.presence());
      const { "owner token": owner = Buffer.alloc(0), "read token": read = Buffer.alloc(0) } = secretsOf(
        stream.links.owner ?? "",
      );
      const shown = [
        { name: "owner token", value: owner },
        { name: "read token", value: read },
      ];
      const { network, memory } = await server.find([...plain.secrets, ...shown]);
      for (const secret of ["plain text", "plain name", "owner token", "read token"])
        expect(network.join("; ")).toContain(`${secret} (`);
      // The server does not keep tokens.
      for (const secret of ["plain text", "plain name"]) expect(memory.join("; ")).toContain(`${secret} (`);
      malten.close();
    },
    TIMEOUT,
  );

  test("has logged nothing of it", async () => {
    expect(await server.findInLog([...hidden, ...canaries.secrets])).toEqual([]);
  });
});
