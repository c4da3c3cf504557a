// The server as a user starts it: its output, its signals, its exit codes.
import { afterAll, describe, expect, test } from "bun:test";
import { version } from "../package.json" with { type: "json" };
import { EventReader, SocketClient, TextReader } from "../test-support/clients.ts";
import { TerminalCommand } from "../test-support/command.ts";
import { HANDSHAKE } from "../test-support/frames.ts";
import { environment, expectNoProcessLeft, SOURCE } from "../test-support/process.ts";
import { RawConnection } from "../test-support/raw.ts";

afterAll(expectNoProcessLeft);

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

function spawn(args: string[], variables: Record<string, string> = {}): Child {
  return Bun.spawn([...SOURCE, ...args], {
    env: { ...environment(), ...variables },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs the program until it exits. */
async function run(args: string[], variables: Record<string, string> = {}) {
  const child = spawn(args, variables);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

/** A server that runs until it is stopped. */
class Malten implements AsyncDisposable {
  readonly child: Child;
  readonly banner: string;
  /** Without a trailing slash. */
  readonly url: string;
  readonly port: number;

  private constructor(child: Child, banner: string) {
    this.child = child;
    this.banner = banner;
    this.url = /http:\/\/[^/\s]+/.exec(banner)?.[0] ?? "";
    this.port = Number(new URL(this.url).port);
  }

  static async start(args = ["--port", "0"], variables: Record<string, string> = {}): Promise<Malten> {
    const child = spawn(args, variables);
    const decoder = new TextDecoder();
    let printed = "";
    for await (const bytes of child.stdout) {
      printed += decoder.decode(bytes, { stream: true });
      if (printed.includes("\n")) return new Malten(child, printed);
    }
    throw new Error(`The server did not start: ${await child.stderr.text()}`);
  }

  async limits(): Promise<{ ttl: number; maxMemory: number }> {
    return (await (await fetch(`${this.url}/limits`)).json()) as { ttl: number; maxMemory: number };
  }

  /** Returns the exit code once the server has exited. */
  stop(signal: "SIGTERM" | "SIGINT"): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }
}

/** Sends a server the first five characters of a message of ten. */
async function beginMessage(malten: Malten): Promise<RawConnection> {
  const connection = await RawConnection.open(malten.port);
  connection.send(
    "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello",
  );
  // After another round trip the server has the request.
  await fetch(`${malten.url}/health`);
  return connection;
}

describe("at start", () => {
  test("prints its version and address, and answers there", async () => {
    await using malten = await Malten.start();
    expect(malten.banner).toBe(
      `Malten ${version} listening on http://localhost:${malten.port} (Ctrl-C to stop)\n`,
    );
    expect(malten.port).toBeGreaterThan(0);
    expect(await (await fetch(`${malten.url}/ready`)).json()).toEqual({ status: "ready" });
    const page = await fetch(malten.url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toStartWith("<!doctype html>");
  });

  test("listens on --host", async () => {
    await using malten = await Malten.start(["serve", "--host", "127.0.0.1", "--port=0"]);
    expect(malten.url).toBe(`http://127.0.0.1:${malten.port}`);
    expect((await fetch(`${malten.url}/health`)).status).toBe(200);
  });

  test("reports a port in use, with advice", async () => {
    await using first = await Malten.start();
    const second = spawn(["--port", String(first.port)]);
    // Either it prints an address, which would be wrong, or it exits.
    const { value } = await second.stdout.getReader().read();
    if (value !== undefined) second.kill("SIGKILL");
    const [err, code] = await Promise.all([second.stderr.text(), second.exited]);
    expect(new TextDecoder().decode(value)).toBe("");
    expect(err).toStartWith(`error: port ${first.port} is already in use.`);
    expect(err).toContain("--port");
    expect(err.trimEnd()).not.toContain("\n");
    expect(code).toBe(2);
    // The first server is not disturbed.
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  test("reports an address that does not belong to this machine", async () => {
    // TEST-NET-1, RFC 5737.
    const { err, code } = await run(["--host", "192.0.2.1", "--port", "0"]);
    expect(err).toBe("error: cannot listen on 192.0.2.1: not an address of this machine\n");
    expect(code).toBe(2);
  });
});

describe("flags", () => {
  for (const flag of ["--help", "-h", "help"]) {
    test(`${flag} fits a screen and lists all commands`, async () => {
      const { out, err, code } = await run([flag]);
      expect([err, code]).toEqual(["", 0]);
      for (const command of ["serve", "send STREAM [TEXT…]", "tail STREAM", "streams", "new", "end STREAM"])
        expect(out).toContain(`  ${command} `);
      const lines = out.trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(24);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    });
  }

  for (const args of ["serve --help", "--port 1 serve -h", "help serve"]) {
    test(`${args} lists all options of the server`, async () => {
      const { out, err, code } = await run(args.split(" "));
      expect([err, code]).toEqual(["", 0]);
      for (const name of ["port", "host", "max-memory", "ttl", "rate-limit"]) {
        expect(out).toContain(`  --${name} `);
        expect(out).toContain(`MALTEN_${name.toUpperCase().replaceAll("-", "_")}`);
      }
      for (const value of ["(default 9090)", "(default 512m)", "(default 1024s)", "(default 10)"])
        expect(out.replaceAll(/\s+/g, " ")).toContain(value);
    });
  }

  for (const flag of ["--version", "-v"]) {
    test(`${flag} prints only the version`, async () => {
      expect(await run([flag])).toEqual({ out: `${version}\n`, err: "", code: 0 });
    });
  }

  const bad: Record<string, string> = {
    "--prot 80": "--prot",
    "-x": "-x",
    "--port": "--port",
    "--port http": "--port",
    "--port 65536": "--port",
    "--port -1": "--port",
    "--port 1e3": "--port",
    "--ttl 0": "--ttl",
    "--ttl 604801": "--ttl",
    "--max-memory much": "--max-memory",
    "--max-memory -1": "--max-memory",
    "--rate-limit x": "--rate-limit",
    "--help=yes": "--help",
    dance: "dance",
    "serve 8080": "8080",
  };
  for (const [args, named] of Object.entries(bad)) {
    test(`${args} is rejected`, async () => {
      const { out, err, code } = await run(args.split(" "));
      expect([out, code]).toEqual(["", 2]);
      expect(err).toMatch(/^error: .+\n(Usage: .+\n)?$/);
      expect(err).toContain(named);
    });
  }
});

describe("variables", () => {
  test("configure the server, after flags", async () => {
    const variables = {
      MALTEN_PORT: "0",
      MALTEN_HOST: "127.0.0.1",
      MALTEN_TTL: "60",
      MALTEN_MAX_MEMORY: "8m",
      MALTEN_RATE_LIMIT: "0",
    };
    await using malten = await Malten.start([], variables);
    expect(malten.url).toBe(`http://127.0.0.1:${malten.port}`);
    expect(await malten.limits()).toMatchObject({ ttl: 60, maxMemory: 8 * 1024 * 1024 });
    await using second = await Malten.start(["--ttl", "70", "--max-memory", "9m"], variables);
    expect(await second.limits()).toMatchObject({ ttl: 70, maxMemory: 9 * 1024 * 1024 });
  });

  test("that are empty are unset", async () => {
    await using malten = await Malten.start(["--port", "0"], { MALTEN_TTL: "", MALTEN_MAX_MEMORY: "" });
    expect(await malten.limits()).toMatchObject({ ttl: 1024, maxMemory: 512 * 1024 * 1024 });
  });

  test("that are invalid are rejected", async () => {
    const { err, code } = await run(["--port", "0"], { MALTEN_TTL: "forever" });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: invalid MALTEN_TTL "forever": use .+\n$/);
  });
});

describe("SIGHUP", () => {
  test("from a terminal that is still open does not stop the server, its end does", async () => {
    await using server = new TerminalCommand(["--port", "0"]);
    await server.until("(Ctrl-C to stop)");
    server.signal("SIGHUP");
    await server.until("info: SIGHUP: no certificate files to reload");
    // The kernel sends SIGHUP.
    server.hangUp();
    expect(await server.exited).toBe(0);
  });

  test("during a shutdown changes nothing", async () => {
    await using malten = await Malten.start();
    await using watcher = await EventReader.open(malten.url, "foo");
    using connection = await beginMessage(malten);
    const code = malten.stop("SIGTERM");
    // Its end shows that the server is stopping.
    while ((await watcher.next()) !== undefined);
    for (let i = 0; i < 3; i++) malten.child.kill("SIGHUP");
    connection.send("world");
    expect((await connection.response())?.status).toBe(503);
    expect(await code).toBe(0);
    expect(await malten.child.stderr.text()).toBe("");
  });
});

describe("at shutdown", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal}: responses end, WebSockets close with 4000, the exit code is 0`, async () => {
      await using malten = await Malten.start();
      await fetch(`${malten.url}/messages?stream=foo&text=a`, { method: "POST" });
      await using sse = await EventReader.open(malten.url, "foo&last=earliest");
      await using lines = await TextReader.open(`${malten.url}/events?stream=foo`, {
        accept: "application/x-ndjson",
      });
      await using text = await TextReader.open(`${malten.url}/events?stream=foo&last=earliest`, {
        accept: "text/plain",
      });
      await using one = await SocketClient.open(malten.url, "foo");
      await using two = await SocketClient.open(malten.url, "bar");
      expect(await sse.texts(1)).toEqual(["a"]);
      expect(await text.upTo("\n")).toBe("");
      expect(await text.upTo("\n")).toBe("a");
      const poll = fetch(`${malten.url}/messages?stream=quiet&wait=60`);
      await using watcher = await EventReader.open(malten.url, "quiet");
      // The poll counts as an observer.
      while ((await watcher.nextEvent("connect")).Observers !== 2);

      const code = malten.stop(signal);
      // Each response ends properly: fetch throws for one that is cut off.
      while ((await sse.next()) !== undefined);
      while ((await lines.upTo("\n")) !== undefined);
      expect(await text.upTo("\n")).toBeUndefined();
      for (const socket of [one, two]) {
        expect(await socket.closed).toEqual({ code: 4000, reason: "The server is shutting down" });
      }
      expect(await (await poll).json()).toEqual([]);
      expect(await code).toBe(0);
      expect(await malten.child.stderr.text()).toBe("");
    });
  }

  test("does not wait for idle connections", async () => {
    await using malten = await Malten.start();
    using _ = await RawConnection.open(malten.port);
    using used = await RawConnection.open(malten.port);
    used.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await used.response();
    expect(await malten.stop("SIGTERM")).toBe(0);
    expect(await used.rest()).toBe("");
  });

  test("does not wait for a WebSocket that does not answer", async () => {
    await using malten = await Malten.start();
    using socket = await RawConnection.open(malten.port);
    socket.send(`GET /events HTTP/1.1\r\nHost: localhost\r\n${HANDSHAKE}\r\n`);
    expect((await socket.head())?.status).toBe(101);
    expect(await malten.stop("SIGTERM")).toBe(0);
    // A close frame with its code.
    expect(await socket.rest("hex")).toMatch(/88..0fa0/);
  });

  test("rejects a message that arrives in full after the last listener was told", async () => {
    await using malten = await Malten.start();
    // A live response, whose end shows that the server is stopping.
    await using watcher = await EventReader.open(malten.url, "foo");
    await watcher.nextEvent("connect");
    using connection = await beginMessage(malten);
    const code = malten.stop("SIGTERM");
    while ((await watcher.next()) !== undefined);
    connection.send("world");
    const rejected = await connection.response();
    expect(rejected?.status).toBe(503);
    expect(rejected?.headers.get("content-type")).toBe("application/problem+json");
    expect(rejected?.headers.get("retry-after")).toMatch(/^[0-9]+$/);
    expect(JSON.parse(rejected?.body ?? "")).toMatchObject({ code: "shutting_down" });
    expect(await code).toBe(0);
  });

  test("a second signal ends it at once", async () => {
    await using malten = await Malten.start();
    using connection = await RawConnection.open(malten.port);
    connection.send(
      "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello",
    );
    await using watcher = await EventReader.open(malten.url, "foo");
    await watcher.nextEvent("connect");
    malten.child.kill("SIGTERM");
    while ((await watcher.next()) !== undefined);
    expect(await malten.stop("SIGINT")).toBe(130);
  });

  test("many listeners leave one after the other, and none misses what was acknowledged before", async () => {
    await using malten = await Malten.start();
    const listeners = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        i % 2 === 0 ? EventReader.open(malten.url, "foo") : SocketClient.open(malten.url, "foo"),
      ),
    );
    const posted = await fetch(`${malten.url}/messages?stream=foo&text=last`, { method: "POST" });
    expect(posted.status).toBe(201);
    const code = malten.stop("SIGTERM");
    const received = listeners.map(async (listener) => {
      if (listener instanceof EventReader) return listener.texts(1);
      return [((await listener.next()) as { Text?: string }).Text];
    });
    for (const texts of await Promise.all(received)) expect(texts).toEqual(["last"]);
    const retries = new Set<string | undefined>();
    for (const listener of listeners) {
      if (listener instanceof SocketClient) expect((await listener.closed).code).toBe(4000);
      else retries.add(await listener.retryAtEnd());
    }
    expect(retries.size).toBeGreaterThan(50);
    expect(await code).toBe(0);
  }, 30_000);

  test("accepts no connections afterwards", async () => {
    await using malten = await Malten.start();
    await malten.stop("SIGTERM");
    expect(RawConnection.open(malten.port)).rejects.toThrow();
  });

  test("waits at most 10 s for an unfinished request", async () => {
    await using malten = await Malten.start();
    using _ = await beginMessage(malten);
    // The grace period is 10 s; then connections are cut off.
    expect(await malten.stop("SIGTERM")).toBe(0);
  }, 12_000);
});
