// What pipes are made of, against the vectors of its authors, and a pipe from beginning to end.
import {
  Aes128Gcm,
  Aes256Gcm,
  CipherSuite,
  DhkemP521HkdfSha512,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  HkdfSha512,
} from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { Bytes } from "../../src/crypto/bytes.ts";
import { utf8 } from "../../src/crypto/bytes.ts";
import { toWords } from "../../src/crypto/pipe/words.ts";
import { equal, fromHex } from "./check.ts";
import { PipeStream, settle } from "./pipe-stream.ts";
import rfc9180 from "./rfc9180.json" with { type: "json" };
import xwing from "./xwing.json" with { type: "json" };

const SUITES: Readonly<Record<string, () => CipherSuite>> = {
  x25519: () =>
    new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() }),
  p521: () =>
    new CipherSuite({ kem: new DhkemP521HkdfSha512(), kdf: new HkdfSha512(), aead: new Aes256Gcm() }),
};

const common = {
  info: fromHex(rfc9180.info),
  psk: { key: fromHex(rfc9180.psk), id: fromHex(rfc9180.pskId) },
};

function bytes(buffer: ArrayBuffer): Bytes {
  return new Uint8Array(buffer);
}

async function checkHpke(vector: (typeof rfc9180.vectors)[number]): Promise<void> {
  const suite = SUITES[vector.kem]?.();
  if (suite === undefined) throw new Error(`no suite for ${vector.kem}`);
  const recipient = await suite.kem.deriveKeyPair(fromHex(vector.ikmR));
  equal(bytes(await suite.kem.serializePrivateKey(recipient.privateKey)), fromHex(vector.skR));
  const sender = await suite.createSenderContext({
    ...common,
    recipientPublicKey: recipient.publicKey,
    ekm: fromHex(vector.ikmE),
  });
  equal(bytes(sender.enc), fromHex(vector.enc));
  const receiver = await suite.createRecipientContext({
    ...common,
    recipientKey: recipient.privateKey,
    enc: sender.enc,
  });
  const plaintext = fromHex(rfc9180.plaintext);
  for (const [i, ciphertext] of vector.ciphertexts.entries()) {
    const aad = utf8(`Count-${i}`);
    equal(bytes(await sender.seal(plaintext, aad)), fromHex(ciphertext));
    equal(bytes(await receiver.open(fromHex(ciphertext), aad)), plaintext);
  }
  for (const [context, value] of Object.entries(vector.exports)) {
    for (const end of [sender, receiver]) {
      equal(bytes(await end.export(fromHex(context), 32)), fromHex(value));
    }
  }
}

export const PIPE_CASES: Record<string, () => void | Promise<void>> = {
  ...Object.fromEntries(
    rfc9180.vectors.map((vector) => [`HPKE, RFC 9180 ${vector.name}, PSK mode`, () => checkHpke(vector)]),
  ),

  "X-Wing: the vectors of its draft": async () => {
    const kem = new XWing();
    for (const { sk, pk, eseed, ct, ss } of xwing.vectors) {
      const pair = await kem.generateKeyPairDerand(fromHex(sk));
      equal(bytes(await kem.serializePublicKey(pair.publicKey)), fromHex(pk));
      const made = await kem.encap({ recipientPublicKey: pair.publicKey, ekm: fromHex(eseed) });
      equal(bytes(made.enc), fromHex(ct));
      equal(bytes(made.sharedSecret), fromHex(ss));
      const shared = await kem.decap({ recipientKey: pair.privateKey, enc: fromHex(ct) });
      equal(bytes(shared), fromHex(ss));
    }
  },

  "words: the list and the bits of BIP 39": async () => {
    equal(
      await toWords(new Uint8Array(9)),
      Array.from({ length: 6 }, () => "abandon"),
    );
    equal(
      await toWords(new Uint8Array(9).fill(255)),
      Array.from({ length: 6 }, () => "zoo"),
    );
    // The first words of the second vector of BIP 39's reference: 0x7f, repeated.
    equal(await toWords(new Uint8Array(9).fill(0x7f)), [
      "legal",
      "winner",
      "thank",
      "year",
      "wave",
      "sausage",
    ]);
  },

  "a pipe: the handshake, texts and bytes both ways, new keys, and someone else": async () => {
    const { stream, opener, joiner } = await PipeStream.joined();
    equal(joiner.end.words, opener.end.words);
    for (let i = 0; i < 2; i++) {
      await opener.step(opener.end.sendText("from the opener"));
      await joiner.step(joiner.end.sendBytes(new Uint8Array(10_000)));
      await settle(opener, joiner);
      stream.now += 5 * 60_000;
      for (const end of [opener, joiner]) await end.step(end.end.tick());
      await settle(opener, joiner);
    }
    equal(joiner.received, ["from the opener", "from the opener"]);
    equal(
      opener.received.reduce((sum: number, size) => sum + Number(size), 0),
      20_000,
    );
    const third = stream.join();
    await settle(opener, joiner, third);
    equal(
      [opener.happened, joiner.happened],
      [
        ["joined", "refused"],
        ["joined", "refused"],
      ],
    );
    equal(third.happened, ["failed"]);
  },
};
