import type { Clock } from "../../core/clock.ts";
import { randomLetters, randomSecret } from "../../core/random.ts";
import type { Cursor } from "../../protocol/cursor.ts";
import { Problem } from "../../protocol/problem.ts";
import type { Connection } from "./connection.ts";
import type { Engine } from "./engine.ts";
import { groupOf, ORIGIN_KEY } from "./groups.ts";
import type { Reply } from "./resp.ts";
import type { Script } from "./scripts.ts";

/** What the engine keeps for all servers: the name of the group of servers, and a salt for hashes. */
interface Origin {
  readonly server: string;
  readonly salt: string;
}

export interface ScriptRunnerOptions {
  /** The time of the engine in microseconds, for tests. By default the engine's own clock. */
  readonly engineTime?: () => Cursor;
  readonly warn: (text: string) => void;
}

/** Runs scripts on the engine, with what all of them need: the salt of the engine and the time. */
export class ScriptRunner {
  /** Undefined until the engine was reached. */
  private origin: Origin | undefined = undefined;
  private finding: Promise<Origin> | undefined = undefined;
  /** What to propose to an engine that has none. */
  private readonly proposal: Origin = { server: randomLetters(8), salt: randomSecret() };
  /** The engine's clock is this far ahead of the monotonic clock, in microseconds. */
  private ahead = 0;

  private readonly engine: Engine;
  private readonly options: ScriptRunnerOptions;
  private readonly clock: Clock;

  constructor(engine: Engine, options: ScriptRunnerOptions, clock: Clock) {
    this.engine = engine;
    this.options = options;
    this.clock = clock;
  }

  /** The name of the group of servers. Before the engine was reached for the first time, one that no cursor has. */
  get server(): string {
    return (this.origin ?? this.proposal).server;
  }

  /** Whether the engine was reached. */
  get isKnown(): boolean {
    return this.origin !== undefined;
  }

  /** Runs a script about a stream; `again` as in {@link Engine.run}. @throws Problem `unavailable`, `memory_full` */
  run(
    script: Script,
    stream: string,
    args: readonly string[] = [],
    again?: readonly string[],
  ): Promise<Reply> {
    const { origin } = this;
    if (origin === undefined) return this.find().then(() => this.run(script, stream, args, again));
    const head = [stream, origin.salt, this.time()];
    return this.engine.run(script, groupOf(stream), [...head, ...args], again && [...head, ...again]);
  }

  /** Runs a script about a stream on a connection, once. @throws ConnectionLost, ReplyError, Problem */
  async runOn(connection: Connection, script: Script, stream: string): Promise<Reply> {
    const { salt } = this.origin ?? (await this.find());
    return this.engine.runOn(connection, script, groupOf(stream), [stream, salt, this.time()]);
  }

  /** Runs a script about a group. `subject`: what it takes instead of the name of a stream. */
  async runFor(group: number, script: Script, subject: string, args: readonly string[]): Promise<Reply> {
    const { salt } = this.origin ?? (await this.find());
    return this.engine.run(script, group, [subject, salt, this.time(), ...args]);
  }

  /** Finds what all servers of the engine share. The first one proposes it, and puts it back if the engine lost it. @throws Problem */
  find(): Promise<Origin> {
    return (this.finding ??= this.propose().finally(() => {
      this.finding = undefined;
    }));
  }

  /** Learns what time it is for the engine, in microseconds. */
  setTime(time: number): void {
    this.ahead = time - this.clock.monotonic() * 1000;
  }

  /** The time of the engine in microseconds, as far as it is known. */
  now(): number {
    return this.options.engineTime?.() ?? this.clock.monotonic() * 1000 + this.ahead;
  }

  private time(): string {
    return this.options.engineTime?.().toString() ?? "";
  }

  private async propose(): Promise<Origin> {
    const { server, salt } = this.origin ?? this.proposal;
    const found = await this.engine.command(0, ["SET", ORIGIN_KEY, `${server} ${salt}`, "NX", "GET"]);
    if (found !== null && typeof found !== "string") throw new Problem("unavailable");
    const [foundServer = server, foundSalt = salt] = found === null ? [] : found.split(" ");
    if (this.origin !== undefined && this.origin.server !== foundServer)
      this.options.warn("the engine was emptied, and other servers use it already: all cursors begin anew");
    this.origin = { server: foundServer, salt: foundSalt };
    return this.origin;
  }
}
