// Encrypted streams and pipes.
import { create, open, pipe, type Pipe } from "../../src/client/encrypted/index.ts";
import { equal } from "../crypto/check.ts";
import { client, codeOf, type Cases } from "./check.ts";
import { take } from "./iterate.ts";

/** Bytes that are different at each place. */
function content(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 24);
}

async function sendAll(end: Pipe, bytes: Uint8Array): Promise<void> {
  const writer = end.writable.getWriter();
  for (let at = 0; at < bytes.length; at += 10_000) await writer.write(bytes.subarray(at, at + 10_000));
  await writer.close();
}

export const ENCRYPTED_CASES: Cases = {
  async "an encrypted stream has an owner, writers and readers"(world) {
    const owner = await create(client(world), { ttl: 60 });
    const writer = await open(owner.links.writer ?? "", { malten: client(world) });
    const reader = await open(owner.links.reader, { malten: client(world) });
    const heard = reader.listen({ since: "earliest" });
    const emoji = "😀".repeat(1024);
    await owner.send("one", { name: "Ann" });
    const { id } = await writer.send(emoji);
    const messages = await take(heard, 2);
    equal(
      messages.map((message) => [message.text, message.name, message.sender.isNew, message.warnings]),
      [
        ["one", "Ann", true, undefined],
        [emoji, undefined, true, undefined],
      ],
    );
    equal(messages[1]?.id, id);
    for await (const page of writer.read({ from: "oldest" }))
      equal(
        page.map(({ text, own }) => [text, own]),
        [
          ["one", false],
          [emoji, true],
        ],
      );
    equal(await codeOf(reader.send("x")), "read_only");
    equal(await codeOf(writer.end()), "owner_required");
    const { reader: link } = owner.links;
    equal(await codeOf(open(link.slice(0, -3))), "link_cut");
    await owner.end();
    for (const stream of [owner, writer, reader]) stream.close();
  },

  async "an encrypted stream goes on where its connection was lost, without warnings"(world) {
    const owner = await create(client(world));
    const reader = await open(owner.links.reader, { malten: client(world) });
    const heard = reader.events({ since: "earliest" });
    const told: unknown[] = [];
    for (let i = 0; told.length < 3; i++) {
      await owner.send(String(i));
      if (i === 1) {
        await world.block();
        await world.unblock();
      }
      while (told.length <= i) {
        const [event] = await take(heard, 1);
        if (event?.type === "presence" || event?.type === "welcome") continue;
        told.push(event?.type === "message" ? event.message.text : event);
      }
    }
    equal(told, ["0", "1", "2"]);
    owner.close();
    reader.close();
  },

  async "a pipe carries texts and bytes both ways, between two alone"(world) {
    const one = await pipe.create(client(world));
    const other = await pipe.join(one.link ?? "", { malten: client(world) });
    await Promise.all([one.joined, other.joined]);
    equal([one.words.length, one.words], [6, other.words]);
    const third = await pipe.join(one.link ?? "", { malten: client(world) });
    equal(await codeOf(third.joined), "link_used");
    await Promise.all([one.send("a"), other.send("b")]);
    equal((await take(other.messages(), 1))[0]?.text, "a");
    equal((await take(one.messages(), 1))[0]?.text, "b");
    const bytes = content(65_000);
    const [received, back] = await Promise.all([
      new Response(other.readable).arrayBuffer(),
      new Response(one.readable).arrayBuffer(),
      sendAll(one, bytes),
      sendAll(other, bytes.subarray(1)),
    ]);
    equal(new Uint8Array(received).join(), bytes.join());
    equal(new Uint8Array(back).join(), bytes.subarray(1).join());
    await one.end();
    other.close();
  },
};
