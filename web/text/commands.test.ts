import { expect, test } from "bun:test";
import { endCommand } from "./commands.ts";

test("the command that ends a stream takes no name for an option", () => {
  const origin = "http://localhost:9090";
  expect(endCommand(origin, "mine", "secret")).toBe(
    `MALTEN_OWNER=secret malten end --server "${origin}" mine`,
  );
  expect(endCommand(origin, "-h", "secret")).toBe(
    `MALTEN_OWNER=secret malten end --server "${origin}" -- -h`,
  );
});
