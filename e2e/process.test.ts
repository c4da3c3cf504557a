// The program as a person starts it: what it says, how it ends.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { version } from "../package.json" with { type: "json" };
import { EventReader, SocketClient, TextReader } from "../test-support/clients.ts";
import { RawConnection } from "../test-support/raw.ts";

const MAIN = join(import.meta.dir, "..", "src", "main.ts");

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

function spawn(args: string[], variables: Record<string, string> = {}): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("MALTEN_"));
  return Bun.spawn([process.execPath, MAIN, ...args], {
    env: { ...Object.fromEntries(inherited), ...variables },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs it to its end, for what only prints something. */
async function run(args: string[], variables: Record<string, string> = {}) {
  const child = spawn(args, variables);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, code };
}

/** A server that runs until it is told to stop. */
class Malten implements AsyncDisposable {
  readonly child: Child;
  readonly banner: string;
  /** Without a slash at the end. */
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
    throw new Error(`it did not start: ${await child.stderr.text()}`);
  }

  async limits(): Promise<{ ttl: number; maxMemory: number }> {
    return (await (await fetch(`${this.url}/limits`)).json()) as { ttl: number; maxMemory: number };
  }

  /** Answers the exit code, once it has ended by itself. */
  stop(signal: "SIGTERM" | "SIGINT"): Promise<number> {
    this.child.kill(signal);
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }
}

describe("when it starts", () => {
  test("it says its version and where it is, and is there", async () => {
    await using malten = await Malten.start();
    expect(malten.banner).toBe(`malten ${version}: http://localhost:${malten.port}/\n`);
    expect(malten.port).toBeGreaterThan(0);
    expect(await (await fetch(`${malten.url}/ready`)).json()).toEqual({ status: "ready" });
    const page = await fetch(malten.url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toStartWith("<!doctype html>");
  });

  test("it listens where it is told", async () => {
    await using malten = await Malten.start(["serve", "--host", "127.0.0.1", "--port=0"]);
    expect(malten.url).toBe(`http://127.0.0.1:${malten.port}`);
    expect((await fetch(`${malten.url}/health`)).status).toBe(200);
  });

  test("a port that is taken is named, with what to do", async () => {
    await using first = await Malten.start();
    const second = spawn(["--port", String(first.port)]);
    // It prints an address, which is wrong, or exits.
    const { value } = await second.stdout.getReader().read();
    if (value !== undefined) second.kill("SIGKILL");
    const [err, code] = await Promise.all([second.stderr.text(), second.exited]);
    expect(new TextDecoder().decode(value)).toBe("");
    expect(err).toStartWith(`malten: Port ${first.port} is taken.`);
    expect(err).toContain("--port");
    expect(err.trimEnd()).not.toContain("\n");
    expect(code).toBe(2);
    // The one that runs is not disturbed.
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  test("an address that is not here is named", async () => {
    // TEST-NET-1, RFC 5737: nobody's.
    const { err, code } = await run(["--host", "192.0.2.1", "--port", "0"]);
    expect(err).toBe("malten: 192.0.2.1 is not an address of this machine\n");
    expect(code).toBe(2);
  });
});

describe("flags", () => {
  for (const flag of ["--help", "-h", "help"]) {
    test(`${flag} fits a screen and names all commands`, async () => {
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
    test(`${args} names all that a server can be told`, async () => {
      const { out, err, code } = await run(args.split(" "));
      expect([err, code]).toEqual(["", 0]);
      for (const name of ["port", "host", "max-memory", "ttl", "rate-limit"]) {
        expect(out).toContain(`  --${name} `);
        expect(out).toContain(`MALTEN_${name.toUpperCase().replaceAll("-", "_")}`);
      }
      for (const preset of ["(9090)", "(512m)", "(1024)", "(10)"]) expect(out).toContain(preset);
    });
  }

  for (const flag of ["--version", "-v"]) {
    test(`${flag} is the version alone`, async () => {
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
    test(`${args} is refused in one line`, async () => {
      const { out, err, code } = await run(args.split(" "));
      expect([out, code]).toEqual(["", 2]);
      expect(err).toMatch(/^malten: .+\n$/);
      expect(err).toContain(named);
    });
  }
});

describe("variables", () => {
  test("say what flags do not", async () => {
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

  test("that are empty are not there", async () => {
    await using malten = await Malten.start(["--port", "0"], { MALTEN_TTL: "", MALTEN_MAX_MEMORY: "" });
    expect(await malten.limits()).toMatchObject({ ttl: 1024, maxMemory: 512 * 1024 * 1024 });
  });

  test("that make no sense are refused", async () => {
    const { err, code } = await run(["--port", "0"], { MALTEN_TTL: "forever" });
    expect(code).toBe(2);
    expect(err).toMatch(/^malten: .*ttl.*forever\n$/i);
  });
});

describe("when it is told to stop", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`by ${signal}, streams end, sockets close with 4000, and it exits with 0`, async () => {
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
      // The poll is one that listens, too.
      while ((await watcher.nextEvent("connect")).Observers !== 2);

      const code = malten.stop(signal);
      // Each ends as a response should: fetch would throw at one that is cut off.
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

  test("idle connections do not hold it up", async () => {
    await using malten = await Malten.start();
    using _ = await RawConnection.open(malten.port);
    using used = await RawConnection.open(malten.port);
    used.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await used.response();
    expect(await malten.stop("SIGTERM")).toBe(0);
    expect(await used.rest()).toBe("");
  });

  test("a WebSocket that answers nothing does not hold it up", async () => {
    await using malten = await Malten.start();
    using socket = await RawConnection.open(malten.port);
    socket.send(
      "GET /events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    expect((await socket.head())?.status).toBe(101);
    expect(await malten.stop("SIGTERM")).toBe(0);
    // A close frame, and its code.
    expect(await socket.rest("hex")).toMatch(/88..0fa0/);
  });

  test("a request that is under way is answered, and one that still gets in is refused with 503", async () => {
    await using malten = await Malten.start();
    // A live response, whose end tells that it is stopping.
    await using watcher = await EventReader.open(malten.url, "foo");
    await watcher.nextEvent("connect");
    using connection = await RawConnection.open(malten.port);
    connection.send(
      "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello",
    );
    // One more round trip: the server has the request.
    await fetch(`${malten.url}/health`);
    const code = malten.stop("SIGTERM");
    while ((await watcher.next()) !== undefined);
    // In one piece: a connection that is quiet between two requests is closed.
    connection.send("worldGET /messages HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await connection.response()).toMatchObject({ status: 201 });
    const refused = await connection.response();
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("content-type")).toBe("application/problem+json");
    expect(refused?.headers.get("retry-after")).toMatch(/^[0-9]+$/);
    expect(JSON.parse(refused?.body ?? "")).toMatchObject({ code: "shutting_down" });
    expect(await code).toBe(0);
  });

  test("nobody gets in any more", async () => {
    await using malten = await Malten.start();
    await malten.stop("SIGTERM");
    expect(RawConnection.open(malten.port)).rejects.toThrow();
  });

  test("a client that never finishes its request does not hold it up for long", async () => {
    await using malten = await Malten.start();
    using connection = await RawConnection.open(malten.port);
    connection.send(
      "POST /messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nhello",
    );
    await fetch(`${malten.url}/health`);
    // The notice of shutdown is 10 s: whoever is not done by then is cut off.
    expect(await malten.stop("SIGTERM")).toBe(0);
  }, 12_000);
});
