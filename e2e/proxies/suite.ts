// Shared by all tests of proxies: a server behind each proxy, with its configuration from deploy/.
import { afterAll, beforeAll, describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptAnyCertificate } from "../../test-support/certificates.ts";
import { expectNoProcessLeft } from "../../test-support/process.ts";
import { TestServer, type TestServerOptions } from "../../test-support/server.ts";
import { canRun, Proxy, PROXIES, type ProxyKind } from "./proxy.ts";

/** How long a test may take on a busy machine, in milliseconds. */
export const PATIENCE = 60_000;

interface Rig {
  readonly server: TestServer;
  readonly proxy: Proxy;
}

/** Defines the same tests behind each proxy that can run here. They share a server and a proxy, which `rig` returns. */
export function behindProxies(
  options: TestServerOptions,
  define: (rig: () => Rig, kind: ProxyKind) => void,
): void {
  // The certificates of the proxies are their own.
  acceptAnyCertificate();
  afterAll(expectNoProcessLeft);

  for (const kind of PROXIES) {
    describe.skipIf(!canRun(kind))(`behind ${kind.name}`, () => {
      const cleanUp = new AsyncDisposableStack();
      let rig: Rig | undefined;

      beforeAll(async () => {
        const folder = await mkdtemp(join(tmpdir(), "malten-proxies-"));
        cleanUp.defer(() => rm(folder, { recursive: true }));
        const server = cleanUp.use(new TestServer(options));
        rig = { server, proxy: cleanUp.use(await Proxy.start(kind, join(folder, kind.name), server.port)) };
      }, PATIENCE);

      afterAll(() => cleanUp.disposeAsync());

      define(() => {
        if (rig === undefined) throw new Error("the proxy is started before the first test");
        return rig;
      }, kind);
    });
  }
}
