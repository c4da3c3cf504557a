import type { Machine } from "./machine.ts";
import { summarize, type Summary } from "./stats.ts";

/** The size of a run. */
export type Scale = "smoke" | "quick" | "full";

/** The parameters of a measurement: the same keys in all rows of a scenario. */
export type Parameters = Readonly<Record<string, number | string>>;

/** The metrics of one server with one set of parameters, over all rounds. */
export interface Row {
  readonly scenario: string;
  readonly server: string;
  readonly parameters: Parameters;
  readonly metrics: Readonly<Record<string, Summary>>;
}

/** A measurement that was left out. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** The results file of a run, from which the documentation is generated. */
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

/** Collects measurements. Rows keep the order of their first measurement. */
export class Recorder {
  private readonly samples = new Map<string, Samples>();
  private readonly skips = new Map<string, Skipped>();
  /** Whether a measurement failed. */
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
      // A division by zero CPU time or messages.
      if (!Number.isFinite(value)) continue;
      const all = entry.metrics.get(metric) ?? [];
      entry.metrics.set(metric, all);
      all.push(value);
    }
  }

  /** Records that something was left out because of this machine. */
  skip(what: string, why: string): void {
    if (!this.skips.has(what)) console.error(`skipped: ${what}: ${why}`);
    this.skips.set(what, { what, why });
  }

  /** Records that a measurement failed. */
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
    return [...this.skips.values()];
  }
}
