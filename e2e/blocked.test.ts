// A client that keeps connecting although it is refused is ignored for a while. Tested with a client in a network namespace,
// because this machine itself is never refused.
import { afterAll, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { canTestNetworks, Network } from "../test-support/network.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

const ATTACKER = fileURLToPath(import.meta.resolve("./fixtures/attacker.ts"));

/** The block and a repeated attempt to connect, on a busy machine. */
const TIMEOUT = 60_000;

/** Also runs if the test times out. */
const cleanUp = new DisposableStack();
afterAll(() => cleanUp.dispose());
afterAll(expectNoProcessLeft);

test.skipIf(!canTestNetworks("blocked clients"))(
  "a client that keeps connecting although it is refused is blocked: what it has open works, and so do others",
  async () => {
    const network = cleanUp.use(new Network());
    await using server = await ServerProcess.start({ args: ["--port", "0", "--rate-limit", "1"] });
    const port = String(server.port);
    const attacker = network.run(process.execPath, ATTACKER, network.here, port);
    const lines = attacker.stdout.pipeThrough(new TextDecoderStream());
    let printed = "";
    for await (const text of lines) {
      printed += text;
      if (!text.includes("blocked")) continue;
      const other = await fetch(`http://${network.here}:${port}/health`);
      expect(other.status).toBe(200);
    }
    expect(printed).toBe("before: 200\nblocked: 200\nafter: 200\n");
    await server.stop();
    expect(await server.errors).toBe(
      "warning: a client keeps connecting although it is refused: ignoring its new connections for some seconds\n",
    );
  },
  TIMEOUT,
);
