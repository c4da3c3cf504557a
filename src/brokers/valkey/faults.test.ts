import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { codeOf } from "../../../test-support/broker/set-up.ts";
import { writeCertificate } from "../../../test-support/certificates.ts";
import { EngineCluster } from "../../../test-support/engine-cluster.ts";
import { EngineProcess, freePort, hasEngine } from "../../../test-support/engine.ts";
import { NewsRecorder } from "../../../test-support/news-recorder.ts";
import { expectNoProcessLeft } from "../../../test-support/process.ts";
import type { Clock } from "../../core/clock.ts";
import { checkText } from "../../protocol/text.ts";
import { ValkeyBroker } from "./broker.ts";
import type { EngineTls } from "./connection.ts";

const clock: Clock = { wall: () => Date.now() * 1000, monotonic: () => performance.now() };

const HAS_ENGINE = hasEngine("faults of Valkey");

/** Brokers to close after a test. */
const opened: ValkeyBroker[] = [];

afterEach(() => {
  for (const broker of opened.splice(0)) broker.close();
});

afterAll(expectNoProcessLeft);

interface Options {
  readonly tls?: EngineTls;
  readonly username?: string;
  readonly password?: string;
  readonly ports: readonly number[];
}

/** A broker on engines, and what it tells the operator. */
function open({ ports, username, password, tls }: Options) {
  const told: string[] = [];
  let waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];
  const tell = (line: string) => {
    told.push(line);
    waiting = waiting.filter(({ pattern, resolve }) => {
      if (!pattern.test(line)) return true;
      resolve(line);
      return false;
    });
  };
  const nodes = ports.map((port) => ({ host: "127.0.0.1", port }));
  const broker = new ValkeyBroker(
    { ttl: 100, nodes, credentials: { username, password, tls }, warn: tell, info: tell },
    clock,
  );
  opened.push(broker);
  const heard = new NewsRecorder(broker);
  const publish = (text: string, stream = "foo") => broker.publish(stream, checkText(text));
  return {
    broker,
    heard,
    told,
    publish,
    texts: async (stream = "foo") => (await broker.replay(stream, 0, 1024)).messages.map(({ text }) => text),
    /** Resolves when the operator was told this. */
    until: (pattern: RegExp): Promise<string> => {
      const found = told.find((line) => pattern.test(line));
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => {
        waiting.push({ pattern, resolve });
      });
    },
    /** Publishes until it works. */
    publishAtLast: async (text: string) => {
      while ((await codeOf(() => publish(text))) === "unavailable") await broker.reached();
    },
  };
}

describe.if(HAS_ENGINE)("an engine", () => {
  test("that is down at start is waited for: operations fail at once, and work later", async () => {
    const port = freePort();
    const { broker, publish, until, publishAtLast, texts } = open({ ports: [port] });
    expect(await until(/^cannot use/)).toBe(
      `cannot use the engine at 127.0.0.1:${port}: connection refused. Trying again until it works`,
    );
    expect(await codeOf(() => publish("lost"))).toBe("unavailable");
    expect(broker.isReady()).toBe(false);
    await using _engine = await EngineProcess.start({ port });
    await publishAtLast("hello");
    expect(broker.isReady()).toBe(true);
    expect(await texts()).toEqual(["hello"]);
  });

  test("that is lost is reported, and its listeners go on when it is back, without what it lost", async () => {
    const port = freePort();
    let engine = await EngineProcess.start({ port });
    const { broker, heard, publish, until, publishAtLast, told } = open({ ports: [port] });
    await heard.follow("foo");
    await publish("1");
    const { server } = broker;
    await engine[Symbol.asyncDispose]();
    expect(await codeOf(() => publish("2"))).toBe("unavailable");
    expect(broker.isReady()).toBe(false);
    expect(await until(/^cannot use/)).toContain("connection");
    engine = await EngineProcess.start({ port });
    await publishAtLast("3");
    await heard.until("published foo 3");
    expect(heard.messages.map(({ text }) => text)).toEqual(["1", "3"]);
    // Cursors stay valid: what is missing is told as a gap.
    expect(broker.server).toBe(server);
    expect(told.some((line) => line.includes("can be used again"))).toBe(true);
    await engine[Symbol.asyncDispose]();
  });

  test("that hangs is given up after some seconds, and used again when it answers", async () => {
    await using engine = await EngineProcess.start();
    const { broker, heard, publish, publishAtLast } = open({ ports: [engine.port] });
    await heard.follow("foo");
    await publish("1");
    engine.signal("SIGSTOP");
    // Its outcome is unknown.
    expect(await codeOf(() => publish("2"))).toBe("unavailable");
    expect(broker.isReady()).toBe(false);
    engine.signal("SIGCONT");
    await publishAtLast("3");
    await heard.until("published foo 3");
    const texts = heard.messages.map(({ text }) => text);
    expect(texts.filter((text) => text !== "2")).toEqual(["1", "3"]);
  });

  test("whose connection breaks repeats what was under way, once, and misses nothing", async () => {
    await using engine = await EngineProcess.start();
    const { heard, publish } = open({ ports: [engine.port] });
    await heard.follow("foo");
    const texts: string[] = [];
    const publishing: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 10; j++) {
        texts.push(`${i}.${j}`);
        publishing.push(publish(`${i}.${j}`));
      }
      await engine.command("CLIENT", "KILL", "TYPE", "pubsub");
    }
    await Promise.all(publishing);
    await publish("last");
    await heard.until("published foo last");
    expect(heard.messages.map(({ text }) => text).toSorted()).toEqual([...texts, "last"].toSorted());
    const cursors = heard.messages.map(({ created }) => created);
    expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));
  });

  test("with another password refuses, and is used when it is right", async () => {
    await using engine = await EngineProcess.start({ settings: "requirepass right" });
    const wrong = open({ ports: [engine.port], password: "secret" });
    expect(await wrong.until(/^cannot/)).toContain("wrong user name or password");
    expect(await codeOf(() => wrong.publish("x"))).toBe("unavailable");
    const none = open({ ports: [engine.port] });
    expect(await none.until(/^cannot/)).toContain("a password is required");
    const right = open({ ports: [engine.port], password: "right" });
    await right.publish("hello");
    await engine.command("-a", "right", "--no-auth-warning", "CONFIG", "SET", "requirepass", "secret");
    await wrong.publishAtLast("again");
    expect(wrong.told.join()).not.toContain("secret");
  });

  test("with TLS is used if its certificate is trusted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "engine-tls-"));
    try {
      const { certificate, key } = await writeCertificate(folder);
      const port = freePort();
      const settings = `tls-port ${port}\ntls-cert-file ${certificate}\ntls-key-file ${key}\ntls-auth-clients no`;
      await using _engine = await EngineProcess.start({ settings });
      const trusting = open({ ports: [port], tls: { ca: await Bun.file(certificate).text() } });
      await trusting.heard.follow("foo");
      // More than one record of TLS, in both directions.
      const long = "x".repeat(1000);
      await Promise.all(Array.from({ length: 200 }, (_, i) => trusting.publish(`${i} ${long}`)));
      expect((await trusting.texts()).toSorted()).toEqual(
        Array.from({ length: 200 }, (_, i) => `${i} ${long}`).toSorted(),
      );
      await trusting.heard.until(`published foo 199 ${long}`);
      const careful = open({ ports: [port], tls: { ca: undefined } });
      expect(await careful.until(/^cannot/)).toMatch(/certificate|CERT/i);
      expect(await codeOf(() => careful.publish("x"))).toBe("unavailable");
      const plain = open({ ports: [port] });
      await plain.until(/^cannot/);
      expect(await codeOf(() => plain.publish("x"))).toBe("unavailable");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("with users needs the rights of m:{*", async () => {
    const settings = [
      "user malten on >pass ~m:{* &m:{* +@all -@dangerous +info +config|get +client|setname",
      "user narrow on >pass ~other +@all",
    ].join("\n");
    await using engine = await EngineProcess.start({ settings });
    const { heard, publish } = open({ ports: [engine.port], username: "malten", password: "pass" });
    await heard.follow("foo");
    await publish("hello");
    await heard.until("published foo hello");
    const narrow = open({ ports: [engine.port], username: "narrow", password: "pass" });
    expect(await codeOf(() => narrow.publish("x"))).toBe("unavailable");
    expect(await narrow.until(/lacks permissions/)).toContain("docs/several-servers.md");
  });

  test("that is a read-only replica is not used until it is the primary", async () => {
    await using primary = await EngineProcess.start();
    await using replica = await EngineProcess.start({ settings: `replicaof 127.0.0.1 ${primary.port}` });
    const { publish, until, publishAtLast } = open({ ports: [replica.port] });
    expect(await until(/^cannot/)).toContain("it is a read-only replica. Give the URL of its primary");
    expect(await codeOf(() => publish("x"))).toBe("unavailable");
    const both = open({ ports: [replica.port, primary.port] });
    await both.publish("1");
    await both.heard.follow("foo");
    // An operator changes the roles.
    await primary.command("REPLICAOF", "127.0.0.1", "1");
    await replica.command("REPLICAOF", "NO", "ONE");
    await publishAtLast("2");
    await both.publishAtLast("3");
    await both.heard.until("published foo 3");
  });

  test("that is full refuses messages and streams, and still reads", async () => {
    await using engine = await EngineProcess.start();
    const { broker, heard, publish, texts } = open({ ports: [engine.port] });
    await publish("kept");
    await engine.command("CONFIG", "SET", "maxmemory", "1");
    expect(await codeOf(() => publish("x"))).toBe("memory_full");
    const create = { name: undefined, private: false, ttl: undefined };
    expect(await codeOf(() => broker.create(create))).toBe("memory_full");
    expect(await texts()).toEqual(["kept"]);
    await heard.follow("foo");
    await engine.command("CONFIG", "SET", "maxmemory", "64mb");
    await publish("again");
    await heard.until("published foo again");
    expect(await texts()).toEqual(["kept", "again"]);
  });

  test("that misses its replicas refuses messages, and still reads, from any cursor", async () => {
    await using engine = await EngineProcess.start();
    const { broker, publish, texts } = open({ ports: [engine.port] });
    await publish("kept");
    await engine.command("CONFIG", "SET", "min-replicas-to-write", "1");
    expect(await codeOf(() => publish("x"))).toBe("unavailable");
    expect(await texts()).toEqual(["kept"]);
    // Later than the newest message, and earlier than now: nothing is missing.
    const cursor = clock.wall() - 1000;
    const replay = await broker.replay("foo", cursor, 10);
    expect(replay).toMatchObject({ gap: undefined, messages: [] });
    expect(replay.cursor).toBeGreaterThanOrEqual(cursor);
    expect((await broker.replay("foo", cursor + 3_600_000_000, 10)).gap).toMatchObject({ from: 0 });
    await engine.command("CONFIG", "SET", "min-replicas-to-write", "0");
    await publish("again");
    expect((await broker.replay("foo", cursor, 10)).messages.map(({ text }) => text)).toEqual(["again"]);
  });

  test("that misses its replicas lets nobody listen in a group that it cannot begin: a gap would follow", async () => {
    await using engine = await EngineProcess.start();
    const { broker, heard, publish } = open({ ports: [engine.port] });
    await publish("in another group");
    await engine.command("CONFIG", "SET", "min-replicas-to-write", "1");
    const following = heard.follow("bar");
    await broker.reached();
    await engine.command("CONFIG", "SET", "min-replicas-to-write", "0");
    await following;
    await publish("hello", "bar");
    await heard.until("published bar hello");
    expect(heard.of("bar")).toEqual(["published bar hello"]);
  });

  for (const [name, replies] of Object.entries({
    "without the protocol": ["-ERR unknown command `HELLO`\r\n"],
    "of an old version": ["%0\r\n", "$38\r\nredis_version:6.2.14\r\ncluster_enabled:0\r\n"],
    "of another protocol": ["HTTP/1.1 400 Bad Request\r\n\r\n"],
  })) {
    test(`${name} is refused with a reason`, async () => {
      let replied = 0;
      using listener = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: {
          open: () => {
            replied = 0;
          },
          data: (socket) => {
            socket.write(replies[replied++] ?? "+OK\r\n");
          },
        },
      });
      const { publish, until } = open({ ports: [listener.port] });
      expect(await until(/^cannot/)).toMatch(/too old: Malten requires|does not speak the Redis protocol/);
      expect(await codeOf(() => publish("x"))).toBe("unavailable");
    });
  }

  test("with settings that break promises is used with loud warnings", async () => {
    const settings = "save 3600 1\nappendonly no\nmaxmemory 0\nmaxmemory-policy volatile-ttl";
    await using engine = await EngineProcess.start({ settings });
    const { publish, until, told } = open({ ports: [engine.port] });
    await publish("hello");
    await until(/evicted/);
    expect(told.map((line) => line.replace(/^.*?: /, "").replace(/: .*$/, ""))).toEqual([
      'save is "3600 1"',
      'maxmemory is "0"',
      'maxmemory-policy is "volatile-ttl"',
    ]);
    await engine.command("CONFIG", "SET", "save", "");
  });

  test("that loses its scripts gets them again", async () => {
    await using engine = await EngineProcess.start();
    const { publish, texts } = open({ ports: [engine.port] });
    await publish("1");
    await engine.command("SCRIPT", "FLUSH");
    await publish("2");
    expect(await texts()).toEqual(["1", "2"]);
  });
});

test.if(HAS_ENGINE)(
  "what is deleted leaves neither texts nor names of private streams nor tokens in the engine",
  async () => {
    await using engine = await EngineProcess.start();
    const { broker, publish } = open({ ports: [engine.port] });
    const { name, owner } = await broker.create({ name: undefined, private: true, ttl: undefined });
    const chosen = await broker.create({ name: "chosen-name", private: true, ttl: undefined });
    await broker.publish(name, checkText("canary"), "some-ref-12345678");
    await publish("canary", "chosen-name");
    const dump = async () => {
      const keys = (await engine.command("KEYS", "*")).split("\n");
      const values = await Promise.all(keys.map((key) => engine.command("DUMP", key)));
      return [...keys, ...values].join("\n");
    };
    expect(await dump()).toContain("chosen-name");
    expect(await dump()).not.toContain(owner ?? "none");
    await broker.end(name, owner);
    await broker.end("chosen-name", chosen.owner);
    const left = await dump();
    for (const secret of [name.slice(1), "chosen-name", "canary", owner ?? "", "some-ref"])
      expect(left).not.toContain(secret);
  },
);

test.if(HAS_ENGINE)(
  "streams expire by the engine's clock, and by the engine alone if no server is left",
  async () => {
    await using engine = await EngineProcess.start();
    const { broker, heard } = open({ ports: [engine.port] });
    await heard.follow("foo");
    await broker.create({ name: "foo", private: false, ttl: 1 });
    const ticking = setInterval(() => broker.onTimer(), 100);
    await heard.until("ended foo idle");
    clearInterval(ticking);
    await broker.create({ name: "bar", private: false, ttl: 7 });
    await broker.publish("bar", checkText("x"));
    const keys = (await engine.command("KEYS", "m:*:bar")).split("\n");
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Number(await engine.command("TTL", key))).toBeWithin(100, 128);
  },
);

test.if(HAS_ENGINE)("a cluster that lost a group is asked for a while before that is believed", async () => {
  await using cluster = await EngineCluster.start({ primaries: 1, replicas: 0 });
  const [node] = cluster.nodes;
  const { heard, publish, texts } = open({ ports: [node?.port ?? 0] });
  await heard.follow("foo");
  await publish("1");
  const began = performance.now();
  await node?.command("FLUSHALL");
  await publish("2");
  expect(performance.now() - began).toBeGreaterThan(2500);
  expect(await texts()).toEqual(["2"]);
});

describe.if(HAS_ENGINE)("the configurations in deploy/valkey", () => {
  const folder = join(import.meta.dir, "..", "..", "..", "deploy", "valkey");
  /** Without what the test chooses itself. */
  const read = (file: string) =>
    readFileSync(join(folder, file), "utf8").replaceAll(
      /^(?:bind|port|requirepass|masterauth|logfile|#) ?.*$/gm,
      "",
    );

  test("give no reason for warnings, and the user in users.acl may do what is needed", async () => {
    const settings = `${read("valkey.conf")}\n${read("users.acl")}`;
    await using engine = await EngineProcess.start({ settings });
    const { broker, heard, publish, told } = open({
      ports: [engine.port],
      username: "malten",
      password: "change-me",
    });
    await heard.follow("foo");
    await publish("hello");
    await heard.until("published foo hello");
    expect(await broker.list(10, "")).toMatchObject([{ name: "foo" }]);
    // Answered after the settings were read.
    await broker.replay("foo", 0, 1);
    expect(told).toEqual([]);
  });

  test("have what a node of a cluster needs", async () => {
    await using engine = await EngineProcess.start({ settings: read("cluster.conf") });
    await engine.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await engine.command("CONFIG", "SET", "min-replicas-to-write", "0");
    const { publish, told, until } = open({ ports: [engine.port] });
    while ((await codeOf(() => publish("hello"))) !== undefined);
    // Because the test took away what asks for replicas, and nothing else.
    await until(/min-replicas-to-write/);
    expect(told.filter((line) => !line.includes("min-replicas-to-write"))).toEqual([]);
  });
});
