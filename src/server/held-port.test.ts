import { describe, expect, test } from "bun:test";
import { holdPort } from "./held-port.ts";

function serve(port: number, reusePort: boolean, hostname?: string) {
  return Bun.serve({
    port,
    reusePort,
    ...(hostname !== undefined && { hostname }),
    fetch: () => new Response("here"),
  });
}

describe.skipIf(process.platform !== "linux")("a held port", () => {
  for (const host of [undefined, "127.0.0.1", "::1"]) {
    test(`of ${host ?? "all addresses"} can be shared, but not taken`, async () => {
      const held = holdPort({ port: 0, host });
      if (held === undefined) throw new Error("cannot hold a port");
      const { port } = held;
      expect(port).toBeGreaterThan(0);
      // Neither by a program that shares ports in the same way, nor by any other.
      expect(holdPort({ port, host })).toBeUndefined();
      expect(() => serve(port, false, host)).toThrow();
      const servers = [serve(port, true, host), serve(port, true, host)];
      const name = host === "::1" ? "[::1]" : "127.0.0.1";
      for (let i = 0; i < 10; i++) {
        const response = await fetch(`http://${name}:${port}`, { headers: { connection: "close" } });
        expect(await response.text()).toBe("here");
      }
      await Promise.all(servers.map((server) => server.stop(true)));
      held.release();
      await serve(port, false, host).stop(true);
    });
  }

  test("is undefined if it cannot be held", () => {
    const taken = serve(0, false);
    expect(holdPort({ port: Number(taken.port) })).toBeUndefined();
    void taken.stop(true);
    expect(holdPort({ port: 0, host: "localhost" })).toBeUndefined();
    expect(holdPort({ port: 0, host: "192.0.2.1" })).toBeUndefined();
    expect(holdPort({ port: 0 }, "no-such-library.so")).toBeUndefined();
  });
});
