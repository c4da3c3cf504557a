import { describe, expect, test } from "bun:test";
import { parseExposition } from "../../../test-support/exposition.ts";
import { Histogram } from "../../core/histogram.ts";
import { expose, preferredFormat, type Metric } from "./exposition.ts";

const histogram = new Histogram([0.1, 0.3, 1, 1000]);
for (const value of [0.05, 0.2, 0.2, 5000]) histogram.observe(value);

const METRICS: Metric[] = [
  { type: "counter", name: "a_total", help: "Help.", samples: [{ value: 3 }] },
  { type: "gauge", name: "none", help: "Help.", samples: [] },
  {
    type: "gauge",
    name: "b",
    help: "Help.",
    samples: [
      { labels: { kind: 'a "b" \\ \n' }, value: 1.5 },
      { labels: { kind: "c", more: "d" }, value: -1e-7 },
    ],
  },
  { type: "histogram", name: "c_seconds", help: "Help.", histogram, scale: 0.001 },
];

test("the text format", () => {
  expect(expose(METRICS, "text")).toBe(
    [
      "# HELP a_total Help.",
      "# TYPE a_total counter",
      "a_total 3",
      "# HELP b Help.",
      "# TYPE b gauge",
      String.raw`b{kind="a \"b\" \\ \n"} 1.5`,
      'b{kind="c",more="d"} -1e-7',
      "# HELP c_seconds Help.",
      "# TYPE c_seconds histogram",
      'c_seconds_bucket{le="0.0001"} 1',
      'c_seconds_bucket{le="0.0003"} 3',
      'c_seconds_bucket{le="0.001"} 3',
      'c_seconds_bucket{le="1.0"} 3',
      'c_seconds_bucket{le="+Inf"} 4',
      "c_seconds_sum 5.00045",
      "c_seconds_count 4",
      "",
    ].join("\n"),
  );
});

test("OpenMetrics names counters without their suffix and has an end", () => {
  const text = expose(METRICS, "openmetrics");
  expect(text).toStartWith("# HELP a Help.\n# TYPE a counter\na_total 3\n");
  expect(text).toEndWith("c_seconds_count 4\n# EOF\n");
});

describe("both formats are read by a strict parser", () => {
  for (const format of ["text", "openmetrics"] as const) {
    test(format, () => {
      const parsed = parseExposition(expose(METRICS, format), format);
      expect(Array.from(parsed.keys())).toEqual([format === "text" ? "a_total" : "a", "b", "c_seconds"]);
      expect(parsed.get("b")?.samples[0]).toEqual({
        name: "b",
        labels: { kind: 'a "b" \\ \n' },
        value: 1.5,
      });
    });
  }
});

test("the parser rejects what breaks a rule", () => {
  const good = expose(METRICS, "text");
  const bad: [format: "text" | "openmetrics", text: string][] = [
    ["text", good.slice(0, -1)],
    ["openmetrics", good],
    ["openmetrics", `${good}# EOF\n`],
    ["text", good.replace("a_total 3", "a_total -3")],
    ["text", good.replace("a_total 3", "a_total 3\na_total 4")],
    ["text", good.replace("a_total 3", "a_total NaN")],
    ["text", good.replace('kind="c"', "kind=c")],
    ["text", good.replace('le="1.0"', 'le="1"')],
    ["text", good.replace('"+Inf"} 4', '"+Inf"} 2')],
    ["text", good.replace("c_seconds_count 4", "c_seconds_count 5")],
    ["text", good.replace("# TYPE b gauge\n", "")],
  ];
  for (const [format, text] of bad) expect(() => parseExposition(text, format)).toThrow();
});

test("the format follows the Accept header", () => {
  const formats: Record<string, string> = {
    "": "text",
    "*/*": "text",
    "text/html": "text",
    "application/openmetrics-text; version=1.0.0": "openmetrics",
    // Prometheus 2 and 3.
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2":
      "openmetrics",
    "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.1,*/*;q=0.01": "text",
    "application/openmetrics-text;q=0": "text",
    "APPLICATION/OPENMETRICS-TEXT ; q=0.9": "openmetrics",
    ";;;q=,,": "text",
  };
  for (const [accept, format] of Object.entries(formats))
    expect([accept, preferredFormat(accept)]).toEqual([accept, format as "text"]);
});
