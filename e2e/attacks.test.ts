// The attacks of bench/attack.ts still do what they say: each makes the server keep something, and none is refused as malformed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ATTACKS } from "../bench/attacks/memory/all.ts";
import { Tally } from "../bench/attacks/tally.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({ args: ["--port", "0"] });
});

afterAll(async () => {
  // Without a notice, for which unfinished requests would wait.
  server.signal("SIGKILL");
  await expectNoProcessLeft();
});

/** Resolves once the attack has made something. */
class WatchedTally extends Tally {
  private readonly first = Promise.withResolvers<void>();

  get made(): Promise<void> {
    return this.first.promise;
  }

  override succeed(): void {
    super.succeed();
    this.first.resolve();
  }

  override hold(): void {
    super.hold();
    this.first.resolve();
  }
}

/** Refusals of well-formed requests. */
const OVERLOAD = new Set([
  "closed",
  "memory_full",
  "quota_exceeded",
  "rate_limited",
  "too_busy",
  "too_many_connections",
  "too_many_subscriptions",
]);

// The server of this test has no certificate.
for (const attack of ATTACKS.filter(({ tls = false }) => !tls)) {
  test(`${attack.name} makes ${attack.what}`, async () => {
    const end = new AbortController();
    const tally = new WatchedTally();
    const { signal } = end;
    const context = { port: server.port, signal, tally, maxConnections: 4, forwarded: () => "" };
    const attacking = attack.run(context);
    await tally.made;
    // Within some round trips, the server answers most of what was sent.
    for (let i = 0; i < 5; i++) expect((await fetch(new URL("/health", server.url))).status).toBe(200);
    end.abort();
    await attacking;
    expect(
      Object.keys(tally.refused()).filter((code) => !OVERLOAD.has(code) && code !== attack.refusal),
    ).toEqual([]);
  }, 30_000);
}
