import { join } from "node:path";
import type { Job, Results } from "./load/job.ts";
import { launch, openFilesLimit } from "./process.ts";
import type { Recorder, Scale } from "./results.ts";
import type { Server, ServerKind } from "./servers/server.ts";

/** Files that a server has open beside its connections. */
const OTHER_FILES = 200;

/** How much longer than it should a load may run, in milliseconds. */
const PATIENCE = 120_000;

const load = join(import.meta.dir, "load.ts");

/** What scenarios need: the servers, a load to put on them, and where results go. */
export class Bench {
  readonly scale: Scale;
  readonly rounds: number;
  readonly malten: ServerKind;
  readonly recorder: Recorder;
  private stream = 0;
  private readonly mostListeners = Math.min(openFilesLimit() - OTHER_FILES, 60_000 - OTHER_FILES);

  constructor(scale: Scale, rounds: number, malten: ServerKind, recorder: Recorder) {
    this.scale = scale;
    this.rounds = rounds;
    this.malten = malten;
    this.recorder = recorder;
  }

  /** Puts a load on a server, in a process and on a core of its own. @throws what went wrong in it */
  async load<J extends Job>(job: J): Promise<Results[J["kind"]]> {
    const child = launch([process.execPath, load, JSON.stringify(job)], "load", PATIENCE);
    const [said, complaints] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    await child.exited;
    if (!said.startsWith("{")) {
      // The line that says what, without the source and the paths around it.
      const reason = /^\w*Error: .*$/m.exec(complaints)?.[0] ?? complaints.trim().slice(0, 200);
      throw new Error(`the load failed: ${reason}`);
    }
    // Only load.ts writes results, from the same types.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(said) as Results[J["kind"]];
  }

  /** Numbers of streams that nobody has used. Answers the first. */
  streams(count: number): number {
    const first = this.stream;
    this.stream += count;
    return first;
  }

  /** As many listeners as were asked for, or as this machine lets a process have connections. */
  listeners(wanted: number): number {
    if (wanted <= this.mostListeners) return wanted;
    this.recorder.skip(`${wanted} listeners`, `the limit of open files allows ${this.mostListeners}`);
    return this.mostListeners;
  }

  /** Measures something; when it fails says so, and goes on with the rest. */
  async attempt(what: string, measure: () => Promise<void>): Promise<void> {
    try {
      await measure();
    } catch (error) {
      this.recorder.fail(what, error instanceof Error ? error.message : String(error));
    }
  }

  /** Starts servers, those that are installed, for as long as `work` takes. */
  async with(kinds: readonly ServerKind[], work: (servers: Map<ServerKind, Server>) => Promise<void>) {
    const servers = new Map<ServerKind, Server>();
    try {
      for (const kind of kinds) {
        if (kind.version() === undefined) this.recorder.skip(kind.name, "not installed");
        else await this.attempt(kind.name, async () => void servers.set(kind, await kind.start()));
      }
      await work(servers);
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  }

  /** A server for as long as `work` takes, that nothing was done to before. */
  async fresh<T>(
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
