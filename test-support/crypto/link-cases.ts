// Secrets, links, access tokens and names.
import { fromBase64url, toBase64url } from "../../src/crypto/bytes.ts";
import { formatLink, parseLink, type LinkSecrets } from "../../src/crypto/link.ts";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { openPresenceName, sealPresenceName } from "../../src/crypto/presence-name.ts";
import { random } from "../../src/crypto/primitives.ts";
import { createSecrets, deriveKeys } from "../../src/crypto/secrets.ts";
import { isName } from "../../src/protocol/name.ts";
import { equal, refusal } from "./check.ts";

const SERVER = new URL("https://user:secret@example.org:8443/base/?query#fragment");

function linkWith(content: string): string {
  return `https://example.org/#v1:${content}`;
}

export const LINK_CASES: Record<string, () => void | Promise<void>> = {
  "base64url: every length, and only the one encoding": () => {
    for (let length = 0; length < 70; length++) {
      const bytes = random(length);
      equal(fromBase64url(toBase64url(bytes)), bytes);
    }
    for (const other of ["A", "AA==", "AB", "AAB", "A A", "AA\n", "A+", "A/", "é"]) {
      equal([other, fromBase64url(other)], [other, undefined]);
    }
  },

  "secrets: each right derives those below, and the same name": async () => {
    const owner = await deriveKeys(createSecrets());
    equal([owner.right, owner.name.length, isName(owner.name)], ["owner", 44, true]);
    if (!owner.secrets.writer) throw new Error("an owner may write");
    const writer = await deriveKeys(owner.secrets.writer);
    const reader = await deriveKeys(owner.secrets.reader);
    equal([writer.right, reader.right], ["writer", "reader"]);
    equal([writer.name, reader.name], [owner.name, owner.name]);
    equal(Object.keys(writer.secrets), ["writer", "reader"]);
    equal([Object.keys(reader.secrets), reader.writeKey], [["reader"], undefined]);
    equal(writer.secrets.reader, owner.secrets.reader);
    equal(
      [owner, writer, reader].map(({ access }) => access.length),
      [172, 172, 87],
    );
    const keys = [owner.writeKey?.privateKey, owner.messageRoot, owner.presenceRoot, owner.verifyKey];
    equal(
      keys.map((key) => key?.extractable),
      [false, false, false, keys[3]?.extractable],
    );
  },

  "links: of each kind, without the password of the server": async () => {
    const [a, b, c, d] = [random(32), random(32), random(32), random(32)];
    const all: LinkSecrets[] = [
      { kind: "owner", ownerSecret: a },
      { kind: "writer", writeSecret: a, ownerHash: b },
      { kind: "reader", readSecret: a, writeKey: b, tokensHash: c },
      { kind: "pipe", writeSecret: a, ownerHash: b, pipeSecret: c, keyHash: d },
    ];
    for (const secrets of all) {
      const link = formatLink(SERVER, secrets);
      equal(link.slice(0, 34), "https://example.org:8443/base/#v1:");
      const parsed = parseLink(`  ${link}\n`);
      equal([parsed.server.href, parsed.secrets], ["https://example.org:8443/base/", secrets]);
      equal([looksLikeLink(link), looksLikeLink(link.slice(30))], [true, true]);
      equal(parseLink(link.replace("v1:", "v1%3A")), parsed);
      equal(parseLink(link.replace("#", "?q=1#name#")).server.href, parsed.server.href);
      const content = link.slice(34);
      for (let end = 0; end < content.length; end++) {
        equal(await refusal(() => parseLink(link.slice(0, 34 + end))), "link_cut");
      }
      for (let at = 2; at < content.length; at++) {
        const damaged = content.slice(0, at) + (content[at] === "A" ? "B" : "A") + content.slice(at + 1);
        equal(await refusal(() => parseLink(link.slice(0, 34) + damaged)), "link_damaged");
      }
      equal(await refusal(() => parseLink(`${link}A`)), "link_invalid");
      equal(await refusal(() => parseLink(`${link.slice(0, -1)}.`)), "link_invalid");
    }
  },

  "links: wrong, older and newer ones": async () => {
    for (const wrong of [
      "",
      "foo",
      "https://example.org/#foo",
      "mailto:a@b#v1:AQ",
      "#v1:AQAA",
      linkWith("AAAA"),
    ]) {
      equal([wrong, await refusal(() => parseLink(wrong))], [wrong, "link_invalid"]);
    }
    equal(await refusal(() => parseLink("https://example.org/#v0:AQAA")), "link_older");
    equal(await refusal(() => parseLink("https://example.org/#v2:anything")), "link_newer");
    equal(await refusal(() => parseLink(linkWith("BQAA"))), "link_newer");
    for (const name of ["v1", "foo", "v1.x", "~name"]) equal(looksLikeLink(name), false);
  },

  "presence names: equal ones are sealed equally, others and other streams differently": async () => {
    const [one, other] = [await deriveKeys(createSecrets()), await deriveKeys(createSecrets())];
    for (const name of ["A", "Ada", "\u{1f980}".repeat(256), "x".repeat(100), "\ufeffA"]) {
      const sealed = await sealPresenceName(one, name);
      equal(await sealPresenceName(one, name), sealed);
      equal([sealed.slice(0, 3), sealed.length <= 1536], ["~1.", true]);
      equal(await openPresenceName(one, sealed), name);
      equal(await openPresenceName(other, sealed), undefined);
      equal((await sealPresenceName(other, name)) === sealed, false);
      const at = Math.floor(Math.random() * (sealed.length - 3)) + 3;
      const changed = `${sealed.slice(0, at)}${sealed.charAt(at) === "A" ? "Q" : "A"}${sealed.slice(at + 1)}`;
      equal(await openPresenceName(one, changed), undefined);
    }
    equal((await sealPresenceName(one, "A")).length, (await sealPresenceName(one, "x".repeat(62))).length);
    for (const name of ["", "\ud800", "x".repeat(257)]) {
      equal(await refusal(() => sealPresenceName(one, name)), "name_invalid");
    }
    equal(await openPresenceName(one, "Ada"), undefined);
    equal(await openPresenceName(one, "~1.AAAA"), undefined);
  },
};
