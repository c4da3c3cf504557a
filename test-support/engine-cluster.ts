import { EngineProcess, freePort } from "./engine.ts";

const SLOTS = 16_384;

/** As in deploy/valkey/cluster.conf, but quicker. */
const SETTINGS = `
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout 1000
cluster-require-full-coverage no
repl-diskless-sync yes
repl-diskless-sync-delay 0
`;

export interface EngineClusterOptions {
  readonly primaries: number;
  /** Of each primary. */
  readonly replicas: number;
  /** Lines of a configuration file. */
  readonly settings?: string;
}

/** A cluster of engines. `await using` stops it at the end of the test, also of a failed one. */
export class EngineCluster implements AsyncDisposable {
  /** By what they were at first: primaries, then their replicas in the same order. */
  readonly nodes: EngineProcess[];
  private readonly settings: string;

  private constructor(nodes: EngineProcess[], settings: string) {
    this.nodes = nodes;
    this.settings = settings;
  }

  /** Resolves when all slots are served and all replicas are in step. */
  static async start({ primaries, replicas, settings = "" }: EngineClusterOptions): Promise<EngineCluster> {
    const all = SETTINGS + settings;
    const count = primaries * (1 + replicas);
    const nodes = await Promise.all(Array.from({ length: count }, () => startNode(all)));
    const cluster = new EngineCluster(nodes, all);
    const [first, ...rest] = nodes;
    if (first === undefined) throw new Error("a cluster has nodes");
    for (const node of rest)
      await first.command("CLUSTER", "MEET", "127.0.0.1", `${node.port}`, `${busPort(node.port)}`);
    const share = Math.ceil(SLOTS / primaries);
    await Promise.all(
      nodes.slice(0, primaries).map((node, i) => {
        const last = Math.min((i + 1) * share, SLOTS) - 1;
        return node.command("CLUSTER", "ADDSLOTSRANGE", `${i * share}`, `${last}`);
      }),
    );
    await Promise.all(
      nodes.map((node) => until(node, "CLUSTER INFO", new RegExp(`cluster_known_nodes:${count}\\b`))),
    );
    for (const [i, node] of nodes.slice(primaries).entries()) {
      const id = (await nodes[i % primaries]?.command("CLUSTER", "MYID")) ?? "";
      // The node may not know it yet.
      while ((await node.command("CLUSTER", "REPLICATE", id)) !== "OK") await Bun.sleep(20);
    }
    await cluster.settled();
    return cluster;
  }

  get urls(): string {
    return this.nodes.map(({ url }) => url).join(",");
  }

  /** Resolves when all running nodes find the cluster complete and their replicas are in step. */
  async settled(): Promise<void> {
    const running = this.nodes.filter((node) => node.isRunning);
    await Promise.all(running.map((node) => until(node, "CLUSTER INFO", /cluster_state:ok/)));
    await Promise.all(
      running.map((node) => until(node, "INFO replication", /role:master|master_link_status:up/)),
    );
  }

  /** Returns the node that serves a slot. */
  async primaryOf(slot: number): Promise<EngineProcess> {
    for (;;) {
      for (const node of this.nodes.filter((each) => each.isRunning)) {
        const ranges = await node.command("CLUSTER", "NODES");
        const own = ranges.split("\n").find((line) => line.includes("myself,master")) ?? "";
        const isOwn = own
          .split(" ")
          .slice(8)
          .some((range) => {
            const [first = Number.NaN, last = first] = range.split("-").map(Number);
            return slot >= first && slot <= last;
          });
        if (isOwn) return node;
      }
      await Bun.sleep(50);
    }
  }

  /** Starts a node again that was killed: empty, but with its place in the cluster. */
  async restart(node: EngineProcess): Promise<void> {
    const again = await EngineProcess.start({
      port: node.port,
      settings: nodeSettings(this.settings, node.port),
      folder: node.folder,
    });
    this.nodes[this.nodes.indexOf(node)] = again;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node[Symbol.asyncDispose]()));
  }
}

function startNode(settings: string): Promise<EngineProcess> {
  const port = freePort();
  return EngineProcess.start({ port, settings: nodeSettings(settings, port) });
}

/** Ports of the bus that are not chosen at random by other programs. */
function busPort(port: number): number {
  return 1024 + ((port * 7) % 20_000);
}

function nodeSettings(settings: string, port: number): string {
  return `${settings}\ncluster-port ${busPort(port)}\n`;
}

async function until(node: EngineProcess, command: string, pattern: RegExp): Promise<void> {
  while (!pattern.test(await node.command(...command.split(" ")))) await Bun.sleep(50);
}
