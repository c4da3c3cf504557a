// Who a client is and what it asks for, behind each proxy: its address and the host name reach Malten, and it can forge neither.
import { expect, test } from "bun:test";
import { parseNetwork } from "../../src/protocol/address.ts";
import { ManualClock } from "../../test-support/clock.ts";
import { environment } from "../../test-support/process.ts";
import { problemOf } from "../../test-support/server.ts";
import { behindProxies, PATIENCE } from "./suite.ts";

/** Messages that a client may publish, because no time passes. */
const BURST = 10;

const LIMITS = {
  clock: new ManualClock(),
  rateLimit: BURST / 10,
  trustProxies: [parseNetwork("127.0.0.1") ?? []].flat(),
  allowHosts: ["malten.example.com"],
};

behindProxies(LIMITS, (rig) => {
  /** Publishes from an address of this machine, over and over, and returns how many messages are accepted. */
  async function publishFrom(address: string, times: number, headers: string[] = []): Promise<number> {
    const curl = ["curl", "--silent", "--insecure", "--interface", address, "--request", "POST"];
    for (const header of headers) curl.push("--header", header);
    curl.push("--write-out", "%{http_code}\n", "--output", "/dev/null");
    const url = `${rig().proxy.url}/messages?stream=rates&text=[1-${times}]`;
    const child = Bun.spawn([...curl, url], { env: environment(), stdout: "pipe", stderr: "ignore" });
    const statuses = (await child.stdout.text()).trim().split("\n");
    expect(statuses).toHaveLength(times);
    expect(statuses.filter((status) => status !== "201" && status !== "429")).toEqual([]);
    return statuses.filter((status) => status === "201").length;
  }

  test(
    "clients are told apart by their addresses, whatever they claim",
    async () => {
      expect(await publishFrom("127.0.0.2", BURST + 5)).toBe(BURST);
      expect(await publishFrom("127.0.0.3", 1)).toBe(1);
      for (const forged of [
        "X-Forwarded-For: 198.51.100.7",
        "Forwarded: for=198.51.100.7",
        "X-Real-IP: 198.51.100.7",
      ])
        expect(await publishFrom("127.0.0.2", 1, [forged])).toBe(0);
      const both = ["X-Forwarded-For: 198.51.100.7", "Forwarded: for=198.51.100.7"];
      expect(await publishFrom("127.0.0.2", 1, both)).toBe(0);
      // Nor can the blame be put on another.
      const blaming = ["X-Forwarded-For: 127.0.0.3", "Forwarded: for=127.0.0.3"];
      expect(await publishFrom("127.0.0.4", BURST + 5, blaming)).toBe(BURST);
      expect(await publishFrom("127.0.0.3", BURST)).toBe(BURST - 1);
      expect(rig().server.logged).toEqual([]);
    },
    PATIENCE,
  );

  test(
    "the host name is passed on, and others than the allowed ones are refused",
    async () => {
      const ask = (host: string) => fetch(`${rig().proxy.url}/limits`, { headers: { host } });
      expect((await ask("malten.example.com")).status).toBe(200);
      const refused = await ask("rebound.example.net");
      expect((await problemOf(refused)).code).toBe("misdirected");
    },
    PATIENCE,
  );
});
