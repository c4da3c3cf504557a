import type { Clock } from "../../core/clock.ts";
import type { Engine } from "./engine.ts";
import { GROUPS } from "./groups.ts";
import type { ScriptRunner } from "./script-runner.ts";
import { SWEEP } from "./scripts.ts";

/** Groups whose expired streams are deleted per second. */
const SWEPT = 16;

/** Expired streams of a group to delete in one step. */
const MAX_SWEPT = 100;

/** Milliseconds between two attempts to make room when memory is full. */
const FREE_INTERVAL = 1000;

/** Lets the engine delete expired streams that nobody listens to. Every server does this; the engine deletes each stream once. */
export class ExpiredStreams {
  private next = 0;
  private isSweeping = false;
  private freeing: Promise<unknown> = Promise.resolve();
  private freedAt = Number.NEGATIVE_INFINITY;

  private readonly engine: Engine;
  private readonly scripts: ScriptRunner;
  private readonly clock: Clock;

  constructor(engine: Engine, scripts: ScriptRunner, clock: Clock) {
    this.engine = engine;
    this.scripts = scripts;
    this.clock = clock;
  }

  /** Deletes those of a few groups. Called about once a second. */
  async sweep(): Promise<void> {
    if (this.isSweeping || !this.scripts.isKnown) return;
    this.isSweeping = true;
    try {
      for (let i = 0; i < SWEPT; i++) {
        if (!(await this.sweepGroup(this.next))) this.next = (this.next + 1) % GROUPS;
      }
    } catch {
      // The timer tries again.
    } finally {
      this.isSweeping = false;
    }
  }

  /** Deletes those of all groups, unless that was done within the last second. */
  async free(): Promise<void> {
    const now = this.clock.monotonic();
    if (now >= this.freedAt + FREE_INTERVAL) {
      this.freedAt = now;
      const groups = Array.from({ length: GROUPS }, (_, group) => group);
      this.freeing = Promise.allSettled(groups.map((group) => this.sweepGroup(group)));
    }
    await this.freeing;
  }

  /** Returns whether there are more. */
  private async sweepGroup(group: number): Promise<boolean> {
    if (this.engine.connectionOf(group) === undefined) return false;
    return (await this.scripts.runFor(group, SWEEP, "", [String(MAX_SWEPT)])) === 1;
  }
}
