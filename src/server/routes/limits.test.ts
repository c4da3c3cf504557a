import { expect, test } from "bun:test";
import { TestApp } from "../../../test-support/server.ts";

test("returns the limits and the name of the server", async () => {
  const app = new TestApp({ ttl: 60, maxMemory: 12_345_678 });
  const response = await app.request("/limits");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    server: "test",
    text: 1024,
    messages: 1024,
    ttl: 60,
    maxTtl: 604_800,
    maxMemory: 12_345_678,
    page: { default: 25, max: 1024 },
    list: 1000,
    wait: 60,
    body: 65_536,
    person: 32,
    subscriptions: 256,
  });
});
