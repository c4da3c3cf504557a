import { expect, test } from "bun:test";
import { Reader } from "../../../test-support/readers.ts";
import { problemOf, TestApp } from "../../../test-support/server.ts";

test("returns the people, the number of listeners and the time of the snapshot", async () => {
  const app = new TestApp();
  app.hub.subscribe("foo", new Reader(), undefined, { Name: 'Ada "the First"', Status: "away" });
  app.hub.subscribe("foo", new Reader());
  const message = await app.post("foo", "hello");
  const response = await app.request("/presence?stream=foo");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    Stream: "foo",
    Created: message.Created,
    Observers: 2,
    People: [{ Name: 'Ada "the First"', Status: "away" }],
    More: 0,
  });
});

test("a stream without listeners is empty and not created", async () => {
  const app = new TestApp();
  expect(await (await app.request("/presence")).json()).toMatchObject({
    Stream: "_",
    Observers: 0,
    People: [],
    More: 0,
  });
  expect(await (await app.request("/streams")).text()).toBe("{}");
});

test("an invalid stream name is rejected", async () => {
  const response = await new TestApp().request("/presence?stream=a%20b");
  expect(await problemOf(response)).toMatchObject({ status: 400, code: "bad_name" });
});
