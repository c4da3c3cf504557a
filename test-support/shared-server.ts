import { afterAll, beforeAll } from "bun:test";
import { expectNoProcessLeft, ServerProcess } from "./process.ts";

/** Starts a server before the tests of a file and stops it after them. Returns a function that tests get it from. */
export function sharedServer(): () => ServerProcess {
  let server: ServerProcess | undefined;

  beforeAll(async () => {
    server = await ServerProcess.start();
  });

  afterAll(async () => {
    await server?.stop();
    await expectNoProcessLeft();
  });

  return () => {
    if (server === undefined) throw new Error("the server is started before the first test");
    return server;
  };
}
