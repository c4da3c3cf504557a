import { EngineCluster } from "../../test-support/engine-cluster.ts";
import { freePort } from "../../test-support/engine.ts";
import { ServerProcess } from "../../test-support/process.ts";
import { FAULTS, STAYS_AWAY } from "./faults.ts";
import { Workload, type Outcome } from "./workload.ts";

const SERVERS = 3;

/** Three primaries with a replica each, and three servers. `await using` stops all of them. */
export class World implements AsyncDisposable {
  readonly cluster: EngineCluster;
  private readonly servers: ServerProcess[];

  private constructor(cluster: EngineCluster, servers: ServerProcess[]) {
    this.cluster = cluster;
    this.servers = servers;
  }

  /** `fault`: what will happen to it. */
  static async start(fault: string): Promise<World> {
    const cluster = await EngineCluster.start({
      primaries: 3,
      replicas: 1,
      settings: `min-replicas-to-write ${fault === STAYS_AWAY ? 0 : 1}\nmin-replicas-max-lag 1\n`,
    });
    const world = new World(cluster, []);
    for (let i = 0; i < SERVERS; i++) world.servers.push(await world.startServer(freePort()));
    return world;
  }

  /** Lets a fault happen while messages are published and listened to. Milliseconds before and after it. */
  async run(fault: string, before: number, after: number): Promise<Outcome> {
    await Promise.all([this.cluster.settled(), ...this.servers.map(untilReady)]);
    const workload = new Workload(this.servers.map(({ url }) => url));
    await workload.start();
    await Bun.sleep(before);
    await FAULTS[fault]?.({ cluster: this.cluster, replaceServer: () => this.replaceServer() });
    await Bun.sleep(after);
    await Promise.all(this.servers.map(untilReady));
    return workload.finish();
  }

  /** Names of files that an engine wrote, besides its knowledge of the cluster. */
  async files(): Promise<string[]> {
    const found = await Promise.all(
      this.cluster.nodes.map(({ folder }) =>
        Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: folder, dot: true })),
      ),
    );
    return found.flat().filter((file) => !file.startsWith("nodes.conf"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
    await this.cluster[Symbol.asyncDispose]();
  }

  private startServer(port: number): Promise<ServerProcess> {
    return ServerProcess.start({
      args: ["--port", `${port}`, "--rate-limit", "0"],
      env: { MALTEN_VALKEY_URL: this.cluster.urls },
    });
  }

  private async replaceServer(): Promise<void> {
    const [first, ...rest] = this.servers;
    if (first === undefined) return;
    first.signal("SIGKILL");
    await first.stop();
    await Bun.sleep(1000);
    this.servers.splice(0, this.servers.length, await this.startServer(first.port), ...rest);
  }
}

async function untilReady({ url }: ServerProcess): Promise<void> {
  while ((await fetch(new URL("/ready", url))).status !== 200) await Bun.sleep(50);
}
