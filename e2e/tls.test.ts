// The server with TLS as a user starts it, and the commands that use it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { malten, RunningCommand } from "../test-support/command.ts";
import { expectNoProcessLeft } from "../test-support/process.ts";
import { selfSignedCertificate } from "../src/server/tls/self-signed.ts";

const given = join(import.meta.dir, "..", "test-support", "tls");
const other = selfSignedCertificate(["localhost"], Date.now());

let folder: string;
let certFile: string;
let keyFile: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "malten-tls-"));
  certFile = join(folder, "server.crt");
  keyFile = join(folder, "server.key");
});

afterAll(async () => {
  await expectNoProcessLeft();
  rmSync(folder, { recursive: true });
});

/** A server that has printed its address. */
class SecureServer extends RunningCommand {
  url = "";

  static async start(...options: string[]): Promise<SecureServer> {
    const server = new SecureServer(["--host", "127.0.0.1", "--port", "0", ...options]);
    const banner = await server.line();
    server.url = /https?:\/\/\S+/.exec(banner)?.[0] ?? `no address: ${banner}${await server.errorLine()}`;
    return server;
  }

  static withFiles(): Promise<SecureServer> {
    copyFileSync(join(given, "chain.crt"), certFile);
    copyFileSync(join(given, "chain.key"), keyFile);
    return SecureServer.start("--tls-cert", certFile, "--tls-key", keyFile);
  }

  /** Connects and returns the server's certificate, without checking it. */
  async certificate(): Promise<{ pem: string; fingerprint: string }> {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(this.url).port),
      rejectUnauthorized: false,
    });
    await new Promise((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    const { raw, fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return { pem: new X509Certificate(raw).toString(), fingerprint: fingerprint256 };
  }
}

describe("certificate files", () => {
  test("the commands work with a trusted certificate, also while it is replaced", async () => {
    await using server = await SecureServer.withFiles();
    expect(server.url).toStartWith("https://127.0.0.1:");
    const trusting = {
      server: server.url,
      variables: { NODE_EXTRA_CA_CERTS: join(given, "root.crt") },
    };
    await using tail = new RunningCommand(["tail", "foo", "--since", "earliest"], trusting);
    expect(await malten(["send", "foo", "one"], trusting)).toEqual({ out: "", err: "", code: 0 });
    expect(await tail.line()).toBe("one");
    const old = await server.certificate();

    writeFileSync(certFile, other.chain);
    server.child.kill("SIGHUP");
    expect(await server.errorLine()).toBe(
      "warning: certificate not reloaded, the old one is kept: " +
        `the private key in ${keyFile} does not belong to the first certificate in ${certFile}`,
    );
    expect(await server.certificate()).toEqual(old);

    writeFileSync(keyFile, other.key);
    server.child.kill("SIGHUP");
    expect(await server.errorLine()).toContain("info: certificate reloaded");
    expect((await server.certificate()).fingerprint).toBe(other.fingerprint);

    // The listener of before is still connected.
    const own = join(folder, "trusted.pem");
    writeFileSync(own, other.chain);
    const later = {
      server: server.url.replace("127.0.0.1", "localhost"),
      variables: { NODE_EXTRA_CA_CERTS: own },
    };
    expect(await malten(["send", "foo", "two"], later)).toEqual({ out: "", err: "", code: 0 });
    expect(await tail.line()).toBe("two");

    server.child.kill("SIGTERM");
    expect(await server.child.exited).toBe(0);
  }, 30_000);

  test("may be reloaded several times in a row, also just before the end", async () => {
    await using server = await SecureServer.withFiles();
    for (let i = 0; i < 5; i++) server.child.kill("SIGHUP");
    expect(await server.errorLine()).toContain("info: certificate reloaded");
    for (let i = 0; i < 5; i++) server.child.kill("SIGHUP");
    server.child.kill("SIGTERM");
    for (let i = 0; i < 5; i++) server.child.kill("SIGHUP");
    expect(await server.child.exited).toBe(0);
  }, 30_000);

  test("a command does not trust an unknown certificate, and says what to do", async () => {
    await using server = await SecureServer.withFiles();
    const { err, code } = await malten(["send", "foo", "one"], { server: server.url });
    expect(err).toMatch(/^error: the certificate of https:\S+ has an unknown issuer\. .*NODE_EXTRA_CA_CERTS/);
    expect(code).toBe(69);
  }, 30_000);

  const missing = join(given, "missing.key");
  const cases: Record<string, [options: string[], message: string]> = {
    "a missing file": [
      ["--tls-cert", join(given, "chain.crt"), "--tls-key", missing],
      `cannot read ${missing} (no such file)`,
    ],
    "a key without a certificate": [["--tls-key", missing], "--tls-key requires --tls-cert"],
    "the files in the wrong order": [
      ["--tls-cert", join(given, "chain.key"), "--tls-key", join(given, "chain.crt")],
      `${join(given, "chain.key")} contains no certificate: use a PEM file with the full chain`,
    ],
  };
  for (const [name, [options, message]] of Object.entries(cases)) {
    test(`${name} is an error at start`, async () => {
      expect(await malten(["--port", "0", ...options])).toEqual({
        out: "",
        err: `error: ${message}\n`,
        code: 2,
      });
    });
  }
});

describe("a self-signed certificate", () => {
  test("can be compared by its fingerprint and then trusted", async () => {
    await using server = await SecureServer.start("--tls-self-signed");
    const { pem, fingerprint } = await server.certificate();
    expect(await server.line()).toBe(`Self-signed certificate with SHA-256 fingerprint ${fingerprint}`);
    const stranger = await malten(["send", "foo", "one"], { server: server.url });
    expect(stranger.err).toContain("is self-signed. To trust it, set NODE_EXTRA_CA_CERTS");

    const trusted = join(folder, "self-signed.pem");
    writeFileSync(trusted, pem);
    const options = { server: server.url, variables: { NODE_EXTRA_CA_CERTS: trusted } };
    expect(await malten(["send", "foo", "one"], options)).toEqual({ out: "", err: "", code: 0 });
  }, 30_000);
});

test("SIGHUP without certificate files changes nothing", async () => {
  await using server = await SecureServer.start();
  server.child.kill("SIGHUP");
  expect(await server.errorLine()).toBe("info: SIGHUP: no certificate files to reload");
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});
