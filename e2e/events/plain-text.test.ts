// Live plain text.
import { describe, expect, test } from "bun:test";
import { TextReader } from "../../test-support/clients.ts";
import { TestServer } from "../../test-support/server.ts";
import { create, PLAIN, publishAll } from "./streams.ts";

describe("plain text", () => {
  test("contains only the texts", async () => {
    await using server = new TestServer();
    const end = await create(server, "stream=foo");
    await publishAll(server, "foo", ["one", "two\nlines", `"quoted" \\ \t`, "😀"]);
    await using reader = await TextReader.open(`${server.url}/events?stream=foo&last=earliest`, PLAIN);
    expect(await reader.upTo("\n")).toBe("");
    for (const line of ["one", "two", "lines", `"quoted" \\ \t`, "😀"]) {
      expect(await reader.upTo("\n")).toBe(line);
    }
    await end();
    await publishAll(server, "foo", ["after"]);
    expect(await reader.upTo("\n")).toBe("after");
  });
});
