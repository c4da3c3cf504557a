import { expect, test } from "bun:test";
import { TestApp } from "../../../test-support/server.ts";

test("reports that the server is running and accepts requests", async () => {
  const app = new TestApp();
  expect(await (await app.request("/health")).json()).toEqual({ status: "ok" });
  expect(await (await app.request("/ready")).json()).toEqual({ status: "ready" });
});
