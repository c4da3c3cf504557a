import { join } from "node:path";
import type { Job, Results } from "./load/job.ts";
import { connectionLimit, launch, resultOf } from "./process.ts";
import type { Recorder, Scale } from "./results.ts";
import type { Server, ServerKind } from "./servers/server.ts";

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
  private readonly maxListeners = connectionLimit(MAX_CONNECTIONS);

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
    return resultOf(launch([process.execPath, load, JSON.stringify(job)], "load", LOAD_TIMEOUT_MS));
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
