// A hostile server between a writer and a listener: everything that docs/encryption.md calls detectable is seen by the listener.
import { expect, test } from "bun:test";
import { create, open, type EncryptedStream } from "../../src/client/encrypted/index.ts";
import { changing, flipped, gap, insteadOf, late, texts, without } from "./lies.ts";
import { becomes, clientOf, hostileSuite, Listener, proxyOf } from "./network.ts";
import type { Item, TamperingProxy } from "./tampering-proxy.ts";

const server = hostileSuite();

/** An owner behind a proxy that is going to lie, and a writer behind another one. */
async function conversation(): Promise<{
  owner: EncryptedStream;
  writer: EncryptedStream;
  proxy: TamperingProxy;
}> {
  const proxy = proxyOf(server());
  const owner = await create(clientOf(proxy));
  const writer = await open(owner.links.writer ?? "", { malten: clientOf(proxyOf(server())) });
  return { owner, writer, proxy };
}

/** What the owner sees of five messages that pass a proxy which does this. */
async function seen(down: (item: Item) => readonly object[]): Promise<string[]> {
  const { owner, writer, proxy } = await conversation();
  const listener = await Listener.of(owner);
  proxy.down = down;
  for (const text of ["0", "1", "2", "3", "end"]) await writer.send(text);
  return listener.until("end");
}

const [TYPE, SENDER, CERTIFICATE, HEADER, CIPHERTEXT, TAG] = [0, 1, 33, 97, 98, -16];

const positions: Record<string, number> = {
  "the type": TYPE,
  "the sender's key, its first byte": SENDER,
  "the sender's key, its last byte": CERTIFICATE - 1,
  "the certificate, its first byte": CERTIFICATE,
  "the certificate, its last byte": HEADER - 1,
  "the header": HEADER,
  "the signature": CIPHERTEXT,
  "what is after the signature": CIPHERTEXT + 64,
  "the text": CIPHERTEXT + 64 + 14,
  "the padding": TAG - 1,
  "the tag, its first byte": TAG,
  "the tag, its last byte": -1,
};

const alterations: Record<string, (envelope: string) => string> = {
  "another version in front": (envelope) => envelope.replace("~1.", "~2."),
  "plain text": () => "I am Ada",
  "nothing but the prefix": () => "~1.",
  "its end missing": (envelope) => envelope.slice(0, -4),
  "more at the end": (envelope) => `${envelope}AAAA`,
  "one character less": (envelope) => envelope.slice(0, -1),
  "padding of base64": (envelope) => `${envelope}=`,
  "a space": (envelope) => `${envelope} `,
  "another case": (envelope) => envelope.toUpperCase(),
  "its halves exchanged": (envelope) => `~1.${envelope.slice(400)}${envelope.slice(3, 400)}`,
};

for (const [name, at] of Object.entries(positions))
  test(`a bit flipped in ${name} is seen`, async () => {
    for (const bit of [0x01, 0x80])
      expect(await seen(insteadOf(2, flipped(at, bit)))).toEqual([
        "0",
        "1",
        "[altered]",
        "[missing]",
        "3",
        "end",
      ]);
  });

for (const [name, change] of Object.entries(alterations))
  test(`a message with ${name} is seen`, async () => {
    expect(await seen(insteadOf(2, change))).toEqual(["0", "1", "[altered]", "[missing]", "3", "end"]);
  });

const lies: Record<
  string,
  { readonly down: () => (item: Item) => readonly object[]; readonly seen: string }
> = {
  "a message that is withheld": { down: () => without((n) => n === 2), seen: "0 1 [missing] 3 end" },
  "messages that are withheld": {
    down: () => without((n) => n === 1 || n === 2),
    seen: "0 [missing] 3 end",
  },
  "a message that is delivered late": { down: () => late(2), seen: "0 1 [missing] 3 [reordered] 2 end" },
  "a message that is delivered twice": {
    down: () => texts((text, n) => (n === 2 ? [text, text] : [text])),
    seen: "0 1 2 [replayed] 3 end",
  },
  "a message that is delivered again later": {
    down: () => texts((text, n, earlier) => (n === 3 ? [earlier[1] ?? "", text] : [text])),
    seen: "0 1 2 [replayed] 3 end",
  },
  "a message that is replaced by an earlier one": {
    down: () => texts((text, n, earlier) => [n === 2 ? (earlier[1] ?? "") : text]),
    seen: "0 1 [replayed] [missing] 3 end",
  },
  "a message that the server calls older than the one before": {
    down: () =>
      changing(2, (item) => [{ ...item, Created: String(BigInt(item.Created) - 3_600_000_000_000n) }]),
    seen: "0 1 [missing] 3 end",
  },
  "a message that the server says is of another stream": {
    down: () => changing(2, (item) => [{ ...item, Stream: "other" }]),
    seen: "0 1 [missing] 3 end",
  },
  "a gap that the server makes up to hide that it withholds a message": {
    down: () =>
      changing(2, ({ Stream, Created }) => [
        gap(Stream, String(BigInt(Created) - 1n), String(BigInt(Created) + 1n)),
      ]),
    seen: "0 1 [gap] 3 end",
  },
};

for (const [name, lie] of Object.entries(lies))
  test(name, async () => {
    expect((await seen(lie.down())).join(" ")).toBe(lie.seen);
  });

test("an honest proxy changes nothing", async () => {
  expect(await seen((item) => [item])).toEqual(["0", "1", "2", "3", "end"]);
});

test("a name that the server puts beside an envelope is not shown", async () => {
  const { owner, writer, proxy } = await conversation();
  proxy.down = (item) => ["Text" in item && item.Type === "message" ? { ...item, Name: "Mallory" } : item];
  const messages = owner.listen();
  await becomes(owner, "live");
  await writer.send("anonymous");
  await writer.send("signed", { name: "Ada" });
  const heard = [(await messages.next()).value, (await messages.next()).value];
  expect(heard.map((message) => [message?.text, message?.name])).toEqual([
    ["anonymous", undefined],
    ["signed", "Ada"],
  ]);
  for await (const page of owner.read({ from: "oldest" }))
    expect(page.map(({ name }) => name)).toEqual([undefined, "Ada"]);
});
