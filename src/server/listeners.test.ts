import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { ManualClock } from "../../test-support/clock.ts";
import { TestServer } from "../../test-support/server.ts";
import { readCertificate, type Certificate } from "./tls/certificate.ts";
import { selfSignedCertificate } from "./tls/self-signed.ts";

const folder = join(import.meta.dir, "..", "..", "test-support", "tls");
const root = readFileSync(join(folder, "root.crt"), "utf8");
const first = readCertificate({
  certFile: join(folder, "chain.crt"),
  keyFile: join(folder, "chain.key"),
});
const second = selfSignedCertificate(["localhost", "127.0.0.1"], Date.now());

/** Trusts the certificates of both generations, which includes that each server sends its intermediate certificates. */
const tls = { ca: [root, second.chain] };

/** Reads a live response. */
class LiveReader {
  private readonly reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> };
  private readonly decoder = new TextDecoder();
  private received = "";

  private constructor(body: ReadableStream<Uint8Array>) {
    this.reader = body.getReader();
  }

  static async open(url: string, accept = "text/event-stream"): Promise<LiveReader> {
    const { body } = await fetch(`${url}/events?stream=foo`, { headers: { accept }, tls });
    if (body === null) throw new Error("no body");
    return new LiveReader(body);
  }

  /** Reads until the response contains the text. Returns false if it ends first. */
  async contains(text: string): Promise<boolean> {
    while (!this.received.includes(text)) {
      const { done, value } = await this.reader.read();
      if (done) return false;
      this.received += this.decoder.decode(value, { stream: true });
    }
    return true;
  }
}

/** Reads a WebSocket. */
class SocketReader {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  private received = "";
  private wake: () => void = () => {};

  private constructor(url: string) {
    this.socket = new WebSocket(`${url.replace("https:", "wss:")}/events?stream=foo`, { tls });
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code }) => resolve(code));
    });
    this.socket.addEventListener("message", ({ data }) => {
      this.received += String(data);
      this.wake();
    });
  }

  static async open(url: string): Promise<SocketReader> {
    const reader = new SocketReader(url);
    await reader.contains("welcome");
    return reader;
  }

  async contains(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

/** A connection that is kept between requests. */
class KeptConnection {
  isClosed = false;
  readonly closed: Promise<void>;
  private readonly socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  static async open(port: number): Promise<KeptConnection> {
    const socket = connect({ host: "127.0.0.1", port, ca: root });
    await once(socket, "secureConnect");
    return new KeptConnection(socket);
  }

  /** Sends a request and returns the response. */
  async request(): Promise<string> {
    this.socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const [response] = (await once(this.socket, "data")) as [Buffer];
    return response.toString();
  }
}

/** Does a TLS handshake without checking the certificate. */
async function handshake(port: number, maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    minVersion: "TLSv1",
    maxVersion,
  });
  try {
    await new Promise((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    return { version: socket.getProtocol(), fingerprint: socket.getPeerCertificate().fingerprint256 };
  } finally {
    socket.destroy();
  }
}

function publish(url: string, text: string): Promise<Response> {
  return fetch(`${url}/messages?stream=foo&text=${text}`, { method: "POST", tls });
}

describe("with a certificate", () => {
  test("serves HTTPS, live responses and WebSockets, and sends the whole chain", async () => {
    await using server = new TestServer({ certificate: first });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    const [events, lines, socket] = await Promise.all([
      LiveReader.open(server.url),
      LiveReader.open(server.url, "application/x-ndjson"),
      SocketReader.open(server.url),
    ]);
    expect((await publish(server.url, "hello")).status).toBe(201);
    expect(await events.contains('"Text":"hello"')).toBe(true);
    expect(await lines.contains('"Text":"hello"')).toBe(true);
    await socket.contains('"Text":"hello"');
    const page = await fetch(`${server.url}/messages?stream=foo`, { tls: { ca: root } });
    expect(await page.json()).toMatchObject([{ Text: "hello" }]);
  });

  test("accepts TLS 1.2 and 1.3 only", async () => {
    await using server = new TestServer({ certificate: first });
    for (const version of ["TLSv1.2", "TLSv1.3"] as const)
      expect(await handshake(server.port, version)).toEqual({ version, fingerprint: first.fingerprint });
    expect(handshake(server.port, "TLSv1.1")).rejects.toThrow(/PROTOCOL_VERSION|protocol version/i);
  });

  test("answers plain HTTP with nothing", async () => {
    await using server = new TestServer({ certificate: first });
    expect(fetch(`http://127.0.0.1:${server.port}/health`)).rejects.toThrow();
  });

  test("does not share its port with another server", async () => {
    await using server = new TestServer({ certificate: first });
    for (const certificate of [first, undefined])
      expect(() => new TestServer({ certificate, port: server.port })).toThrow(/in use/);
  });
});

describe("replacing the certificate", () => {
  test("keeps connections, and delivers to those of before and after", async () => {
    await using server = new TestServer({ certificate: first });
    const open = async () => ({
      events: await LiveReader.open(server.url),
      socket: await SocketReader.open(server.url),
    });
    const before = await open();
    server.replaceCertificate(second);
    expect(await handshake(server.port, "TLSv1.3")).toMatchObject({ fingerprint: second.fingerprint });
    const between = await open();
    server.replaceCertificate(first);
    expect(await handshake(server.port, "TLSv1.3")).toMatchObject({ fingerprint: first.fingerprint });
    const after = await open();

    await publish(server.url, "to-all");
    before.socket.socket.send('{"Type":"message","Text":"from-before"}');
    for (const { events, socket } of [before, between, after]) {
      for (const text of ["to-all", "from-before"]) {
        expect(await events.contains(`"Text":"${text}"`)).toBe(true);
        await socket.contains(`"Text":"${text}"`);
      }
    }

    // A shutdown ends the connections of all certificates.
    const stopped = server.stop();
    for (const { events, socket } of [before, between, after]) {
      expect(await events.contains("nothing")).toBe(false);
      expect(await socket.closed).toBe(4000);
    }
    await stopped;
  });

  test.skipIf(process.platform !== "linux")(
    "a connection between two requests can send one more, and is closed if it does not",
    async () => {
      const clock = new ManualClock();
      await using server = new TestServer({ certificate: first, clock });
      const busy = await KeptConnection.open(server.port);
      const idle = await KeptConnection.open(server.port);
      for (const connection of [busy, idle])
        expect(await connection.request()).not.toMatch(/^connection: close/im);
      server.replaceCertificate(second);
      expect(await busy.request()).toMatch(/^HTTP\/1.1 200 [^]*^connection: close/im);
      await busy.closed;

      clock.advance(59_000);
      server.onTimer();
      expect(await handshake(server.port, "TLSv1.3")).toMatchObject({ fingerprint: second.fingerprint });
      expect(idle.isClosed).toBe(false);
      clock.advance(1000);
      server.onTimer();
      await idle.closed;
    },
  );

  test("keeps the old certificate if the new one cannot be used", async () => {
    await using server = new TestServer({ certificate: first });
    const broken: Certificate = { ...second, key: first.key };
    expect(() => server.replaceCertificate(broken)).toThrow();
    expect(await handshake(server.port, "TLSv1.3")).toMatchObject({ fingerprint: first.fingerprint });
    server.replaceCertificate(second);
    expect(await handshake(server.port, "TLSv1.3")).toMatchObject({ fingerprint: second.fingerprint });
  });
});
