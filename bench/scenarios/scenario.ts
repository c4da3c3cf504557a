import type { Bench } from "../bench.ts";

/** Something that is measured. */
export interface Scenario {
  /** As in `--only`. */
  readonly name: string;
  readonly title: string;
  /** What is done, and how to read the figures. */
  readonly about: string;
  run(bench: Bench): Promise<void>;
}
