import type { Bench } from "../bench.ts";

/** A set of measurements, reported as one table. */
export interface Scenario {
  /** The name for `--only`. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how to read it, in Markdown. */
  readonly description: string;
  run(bench: Bench): Promise<void>;
}
