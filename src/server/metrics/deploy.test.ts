// The examples in deploy/prometheus: every metric that they name exists.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testSource } from "../../../test-support/metrics-source.ts";
import { metricsOf } from "./metrics.ts";

const folder = join(import.meta.dir, "..", "..", "..", "deploy", "prometheus");
const read = (file: string) => readFileSync(join(folder, file), "utf8");

const names = new Set(
  metricsOf(testSource()).flatMap(({ name, type }) =>
    type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

/** The metrics of an expression; recorded ones have a colon. */
function metricsIn(expression: string): string[] {
  return expression.match(/\b(?:malten|process)[_:][a-z0-9_:]+/g) ?? [];
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const { groups } = Bun.YAML.parse(read("malten.rules.yml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test("each rule uses metrics that exist or are recorded", () => {
  const known = names.union(new Set(rules.flatMap(({ record }) => record ?? [])));
  for (const { record, alert, expr } of rules) {
    const used = metricsIn(expr);
    expect([record ?? alert, used.filter((name) => !known.has(name))]).toEqual([record ?? alert, []]);
    expect(used.length > 0 || expr.startsWith("up")).toBe(true);
  }
});

test("the dashboard uses metrics that exist, and shows them all", () => {
  const { panels } = JSON.parse(read("grafana-dashboard.json")) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const used = new Set(expressions.flatMap(metricsIn));
  expect(Array.from(used).filter((name) => !names.has(name))).toEqual([]);
  const shown = new Set(Array.from(used, (name) => name.replace(/_bucket$/, "")));
  const all = metricsOf(testSource()).map(({ name }) => name);
  expect(all.filter((name) => !shown.has(name))).toEqual([]);
});

test("the scrape configuration is valid YAML and loads the rules", () => {
  const config = Bun.YAML.parse(read("prometheus.yml")) as {
    rule_files: string[];
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };
  expect(config.rule_files).toEqual(["malten.rules.yml"]);
  expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual(["malten"]);
});
