import { join } from "node:path";
import type { Job, Results } from "./load/job.ts";
import { launch, openFilesLimit } from "./process.ts";
import type { Recorder, Scale } from "./results.ts";
import type { Server, ServerKind } from "./servers/server.ts";

/** File descriptors reserved for files other than connections. */
const RESERVED_FILES = 200;

/** Ephemeral ports, and a server's connections, are limited as well. */
const MAX_CONNECTIONS = 60_000;

const LOAD_TIMEOUT_MS = 120_000;

const load = join(import.meta.dir, "load.ts");

/** Runs servers and loads for the scenarios, and records the results. */
export class Bench {
  readonly scale: Scale;
  readonly rounds: number;
  /** The Malten of this checkout, then the baseline if there is one. */
  readonly maltens: readonly ServerKind[];
  readonly recorder: Recorder;
  private nextStream = 0;
  private readonly maxListeners = Math.min(openFilesLimit(), MAX_CONNECTIONS) - RESERVED_FILES;

  constructor(scale: Scale, rounds: number, maltens: readonly ServerKind[], recorder: Recorder) {
    this.scale = scale;
    this.rounds = rounds;
    this.maltens = maltens;
    this.recorder = recorder;
  }

  /** Other servers are measured beside Malten, except in a smoke run or a comparison with a baseline. */
  get includesPeers(): boolean {
    return this.scale !== "smoke" && this.maltens.length === 1;
  }

  /** Runs a load in its own process, on its own core. @throws the error of that process */
  async load<J extends Job>(job: J): Promise<Results[J["kind"]]> {
    const child = launch([process.execPath, load, JSON.stringify(job)], "load", LOAD_TIMEOUT_MS);
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    await child.exited;
    if (!stdout.startsWith("{")) {
      // Only the message, without the stack trace and source lines around it.
      const reason = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr.trim().slice(0, 200);
      throw new Error(`load failed: ${reason}`);
    }
    // Only load.ts writes results, from the same types.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(stdout) as Results[J["kind"]];
  }

  /** Reserves the numbers of `count` unused streams. Returns the first. */
  reserveStreams(count: number): number {
    const first = this.nextStream;
    this.nextStream += count;
    return first;
  }

  /** Limits a number of listeners to the connections that a process may have on this machine. */
  limitListeners(wanted: number): number {
    if (wanted <= this.maxListeners) return wanted;
    this.recorder.skip(`${wanted} listeners`, `the open files limit allows ${this.maxListeners}`);
    return this.maxListeners;
  }

  /** Runs a measurement. Records an error instead of throwing it, so that the others still run. */
  async attempt(what: string, measure: () => Promise<void>): Promise<void> {
    try {
      await measure();
    } catch (error) {
      this.recorder.fail(what, error instanceof Error ? error.message : String(error));
    }
  }

  /** Starts the servers that are installed, runs `work` and stops them. */
  async withServers(
    kinds: readonly ServerKind[],
    work: (servers: Map<ServerKind, Server>) => Promise<void>,
  ): Promise<void> {
    const servers = new Map<ServerKind, Server>();
    try {
      for (const kind of new Set(kinds)) {
        if (kind.version() === undefined) this.recorder.skip(kind.name, "not installed");
        else await this.attempt(kind.name, async () => void servers.set(kind, await kind.start()));
      }
      await work(servers);
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  }

  /** Starts a new server, runs `work` and stops it. */
  async withFreshServer<T>(
    kind: ServerKind,
    options: readonly string[],
    work: (server: Server) => Promise<T>,
  ): Promise<T> {
    const server = await kind.start(options);
    try {
      return await work(server);
    } finally {
      await server.stop();
    }
  }
}
