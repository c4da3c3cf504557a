// Requests from the grammar of HTTP/1.1 and of this server, valid ones and those that are wrong in one place.
import type { Random } from "./random.ts";
import { SEALED, Values } from "./values.ts";

const METHODS = [
  "GET",
  "POST",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PUT",
  "TRACE",
  "CONNECT",
  "PATCH",
  "FOO",
  "get",
];

const PATHS = [
  "/",
  "/new",
  "/nothing",
  "//messages",
  "/messages/",
  "/%6dessages",
  "*",
  "",
  "http://localhost/messages",
  "/messages#a",
  "/__proto__",
];

/** Methods and paths that this server knows. */
const ENDPOINTS = [
  ["POST", "/messages"],
  ["POST", "/messages"],
  ["POST", "/messages"],
  ["GET", "/messages"],
  ["GET", "/messages"],
  ["GET", "/events"],
  ["POST", "/streams"],
  ["GET", "/streams"],
  ["DELETE", "/streams"],
  ["GET", "/presence"],
  ["GET", "/limits"],
  ["GET", "/health"],
] as const;

const VERSIONS = ["HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "http/1.1", ""];

const HOSTS = ["127.0.0.1:80", "[::1]", "evil.example", "a, b", "", "a b", "user@host"];

const ACCEPTS = [
  "text/event-stream",
  "application/x-ndjson",
  "text/plain",
  "*/*",
  "",
  "text/plain;q=0.5, application/x-ndjson;q=x",
  ";;,,",
];

/** How rare odd values are in a case: a case of many faults never gets past the first. */
export const ODDNESS = [2, 6, 20];

/** Makes one or several requests for one connection. */
export function httpCase(random: Random): Buffer {
  const values = new Values(random, random.pick(ODDNESS));
  return Buffer.concat([
    request(random, values),
    ...random.some(random.oneIn(4) ? 3 : 0, () => request(random, values)),
  ]);
}

/** `GET /events` with every kind of cursor, from every place. */
export function resumeCase(random: Random): Buffer {
  const values = new Values(random, random.pick(ODDNESS));
  const query = [`stream=${random.pick(["a", "b", "_", "~sealed"])}`];
  if (random.oneIn(2)) query.push(`last=${encodeURIComponent(values.cursor().toWellFormed())}`);
  if (random.oneIn(3)) query.push(`last_event_id=${encodeURIComponent(values.cursor().toWellFormed())}`);
  if (random.oneIn(3))
    query.push(`name=${encodeURIComponent(values.text(30).toWellFormed())}`, `status=${values.status()}`);
  const headers = random.some(2, () => `Last-Event-ID: ${values.cursor()}\r\n`);
  if (random.oneIn(2)) headers.push(`Accept: ${random.pick(ACCEPTS)}\r\n`);
  return Buffer.from(`GET /events?${query.join("&")} HTTP/1.1\r\nHost: localhost\r\n${headers.join("")}\r\n`);
}

function request(random: Random, values: Values): Buffer {
  const [known, knownPath] = random.pick(ENDPOINTS);
  const method = random.oneIn(10) ? random.pick(METHODS) : known;
  const path = random.oneIn(10) ? random.pick(PATHS) : knownPath;
  const query = random.oneIn(3) ? "" : `?${values.form()}`;
  const version = random.oneIn(20) ? random.pick(VERSIONS) : "HTTP/1.1";
  const line = `${method} ${path}${query} ${version}\r\n`;
  const host = random.oneIn(12) ? random.pick(HOSTS) : "localhost";
  const headers = [`Host: ${host}`, ...random.some(2, () => header(random, values))];
  if (query.includes(SEALED.name)) headers.push(`Authorization: Bearer ${values.access()}`);
  const hasBody = method === "POST" ? !random.oneIn(3) : random.oneIn(8);
  const { fields, body } = hasBody
    ? framed(random, ...typed(random, values))
    : { fields: [], body: Buffer.alloc(0) };
  const head = [...headers, ...fields].map((each) => `${each}\r\n`).join("");
  return Buffer.concat([Buffer.from(`${line}${head}\r\n`), body]);
}

function header(random: Random, values: Values): string {
  return random.call(
    () => `Accept: ${random.pick(ACCEPTS)}`,
    () => `Last-Event-ID: ${values.cursor()}`,
    () => `Authorization: ${random.pick(["Bearer x", "Bearer", "Basic eDp4", `Bearer ${values.text(100)}`])}`,
    () => `Connection: ${random.pick(["close", "keep-alive", "upgrade", "close, upgrade", ""])}`,
    () => `Origin: ${random.pick(["https://evil.example", "null", "http://localhost", values.text(50)])}`,
    () =>
      `X-Forwarded-For: ${random.pick(["192.0.2.1", "::1", "a, b", "192.0.2.1, ".repeat(50), values.text(60)])}`,
    () =>
      `Forwarded: ${random.pick(["for=192.0.2.1", 'for="[2001:db8::1]:4711"', "for=_x;;=", values.text(60)])}`,
    () => `Accept-Encoding: ${random.pick(["gzip", "br;q=1.0", `a${" ".repeat(5000)}x`, ",".repeat(200)])}`,
    () => `Expect: ${random.pick(["100-continue", "200-ok"])}`,
    () => `Range: bytes=${values.number()}-${values.number()}`,
    () => `If-None-Match: ${random.pick(['"x"', "*", values.text(50)])}`,
    () => `${values.text(20)}: ${values.text(200)}`,
  );
}

/** A body with its content type. */
function typed(random: Random, values: Values): readonly [type: string | undefined, body: Buffer] {
  const object = () =>
    Object.fromEntries(
      random.some(5, () => values.parameter()).map(([name, value]) => [name, values.any(() => value)]),
    );
  return random.call<readonly [string | undefined, Buffer]>(
    () => ["application/x-www-form-urlencoded", Buffer.from(values.form())],
    () => ["application/json", Buffer.from(values.json(object()))],
    () => ["text/plain", Buffer.from(values.text())],
    () => ["text/plain; charset=utf-16", random.bytes(random.below(100))],
    () => ["multipart/form-data; boundary=x", multipart(random, values)],
    () => [undefined, random.bytes(random.below(100))],
    () => [values.text(40), Buffer.alloc(random.pick([0, 1, 65_536, 65_537, 300_000]), "a")],
  );
}

function multipart(random: Random, values: Values): Buffer {
  const parts = random.some(4, () => {
    const [name, value] = values.parameter();
    const file = random.oneIn(6) ? '; filename="x"' : "";
    return `--x\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
  });
  return Buffer.from(parts.join("") + random.pick(["--x--\r\n", "--x--\r\n", "--x--\r\n", "--x", ""]));
}

/** The framing of a body: mostly right. */
function framed(random: Random, type: string | undefined, body: Buffer): { fields: string[]; body: Buffer } {
  const fields = type === undefined ? [] : [`Content-Type: ${type}`];
  if (!random.oneIn(6)) return { fields: [...fields, `Content-Length: ${body.length}`], body };
  return random.call(
    () => ({ fields: [...fields, "Transfer-Encoding: chunked"], body: chunked(random, body) }),
    () => ({ fields: [...fields, "Transfer-Encoding: chunked"], body: chunked(random, body) }),
    () => ({
      fields: [
        ...fields,
        `Content-Length: ${random.pick([body.length + 1, Math.max(body.length - 1, 0), "-1", "0x5", "1,1", 1e20])}`,
      ],
      body,
    }),
    () => ({
      fields: [...fields, "Transfer-Encoding: chunked", `Content-Length: ${body.length}`],
      body: chunked(random, body),
    }),
    () => ({
      fields: [
        ...fields,
        `Transfer-Encoding: ${random.pick(["gzip, chunked", "identity", "chunked, chunked", "\tchunked", "x"])}`,
      ],
      body: chunked(random, body),
    }),
    () => ({ fields: [...fields, "Content-Encoding: gzip", `Content-Length: ${body.length}`], body }),
  );
}

/** Chunked coding (RFC 9112 §7.1) with extensions, trailers and, at times, a size that lies. */
function chunked(random: Random, body: Buffer): Buffer {
  const at = random.below(body.length + 1);
  const chunks = [body.subarray(0, at), body.subarray(at)].filter(({ length }) => length > 0);
  const coded = chunks.flatMap((chunk) => {
    const size = random.oneIn(15)
      ? random.pick(["-1", "zz", "", "ffffffffffffffff", "0x1", " 1"])
      : chunk.length.toString(16);
    return [
      Buffer.from(`${size}${random.pick(["", "", ";a=b", ';a="b\r"'])}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ];
  });
  return Buffer.concat([
    ...coded,
    Buffer.from(random.pick(["0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\nX: a\r\n\r\n", "0\r\n", ""])),
  ]);
}
