import type { Machine } from "./machine.ts";
import { summarize, type Summary } from "./stats.ts";

/** How much is measured. */
export type Scale = "smoke" | "quick" | "full";

/** What was varied: the same keys in all rows of a scenario. */
export type Parameters = Readonly<Record<string, number | string>>;

/** One server in one situation; each metric over all rounds. */
export interface Row {
  readonly scenario: string;
  readonly server: string;
  readonly parameters: Parameters;
  readonly metrics: Readonly<Record<string, Summary>>;
}

/** What was not measured, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** The file that a run leaves, and that documentation is made of. */
export interface Report {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
  readonly date: string;
  readonly scale: Scale;
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

interface Samples {
  readonly scenario: string;
  readonly server: string;
  readonly parameters: Parameters;
  readonly metrics: Map<string, number[]>;
}

/** Collects what is measured, in the order in which it comes for the first time. */
export class Recorder {
  private readonly samples = new Map<string, Samples>();
  private readonly leftOut = new Map<string, Skipped>();
  /** Something that should have been measured was not. */
  failed = false;

  add(
    scenario: string,
    server: string,
    parameters: Parameters,
    values: Readonly<Record<string, number>>,
  ): void {
    const key = JSON.stringify([scenario, server, parameters]);
    const entry = this.samples.get(key) ?? {
      scenario,
      server,
      parameters,
      metrics: new Map<string, number[]>(),
    };
    this.samples.set(key, entry);
    for (const [metric, value] of Object.entries(values)) {
      // Nothing used, or nothing sent: there is no such figure.
      if (!Number.isFinite(value)) continue;
      const all = entry.metrics.get(metric) ?? [];
      entry.metrics.set(metric, all);
      all.push(value);
    }
  }

  /** What this machine does not have. */
  skip(what: string, why: string): void {
    if (!this.leftOut.has(what)) console.error(`skipped: ${what}: ${why}`);
    this.leftOut.set(what, { what, why });
  }

  fail(what: string, why: string): void {
    this.failed = true;
    this.skip(what, why);
  }

  rows(): Row[] {
    return [...this.samples.values()].map(({ metrics, ...rest }) => ({
      ...rest,
      metrics: Object.fromEntries([...metrics].map(([name, samples]) => [name, summarize(samples)])),
    }));
  }

  skipped(): Skipped[] {
    return [...this.leftOut.values()];
  }
}
