// Runs the completion scripts in the shells themselves, with a `malten` that lists streams of a hostile server.
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const malten = `${process.execPath} ${join(import.meta.dir, "..", "..", "main.ts")}`;

/** What `malten streams` prints. */
const LISTED = "foo\\t0\\n$(touch ran)\\t0\\nf$(touch ran)\\t0\\nf`touch ran`\\nfo.bar~1\\t2\\n";

/** Unfinished command lines and the completions of their last word. */
const COMPLETIONS: Record<string, string[]> = {
  "malten co": ["completion"],
  "malten --max-m": ["--max-memory"],
  "malten serve --max-m": ["--max-memory"],
  "malten --port 1 com": ["completion"],
  "malten completion z": ["zsh"],
  "malten serve --hos": ["--host"],
  "malten help --ver": ["--version"],
  "malten tail --status t": ["typing"],
  "malten tail --js": ["--json"],
  "malten send --js": [],
  "malten tail fo": ["fo.bar~1", "foo"],
  "malten tail --since f": [],
  "malten send --split f": ["fo.bar~1", "foo"],
  "malten send foo f": [],
};

function ask(shell: string, script: string): string[] {
  const cwd = mkdtempSync(join(tmpdir(), "malten-test-"));
  using _ = { [Symbol.dispose]: () => rmSync(cwd, { recursive: true }) };
  const { stdout, stderr, success } = Bun.spawnSync([shell, "-c", script], {
    cwd,
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });
  if (!success || stderr.length > 0) throw new Error(`${shell}: ${stderr.toString()}`);
  // A command in the name of a stream.
  expect(readdirSync(cwd)).toEqual([]);
  return stdout.toString().split("\n").filter(Boolean).toSorted();
}

/** What bash, and zsh's bashcompinit, run when Tab is pressed. */
function complete(line: string): string {
  const words = line.split(" ");
  return `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _malten; printf '%s\\n' "\${COMPREPLY[@]}"`;
}

const streams = `malten() { printf '%b' '${LISTED}'; }`;

const SHELLS: Record<string, (line: string) => string> = {
  bash: (line) => `${streams}; source <(${malten} completion bash); ${complete(line)}`,
  // Its compgen does not filter by the last word; zsh itself does.
  zsh: (line) =>
    `${streams}; source <(${malten} completion zsh); emulate sh; ${complete(line)} | grep -e '^${line.split(" ").at(-1)}' || true`,
  fish: (line) =>
    `function malten; printf '%b' '${LISTED}'; end; ${malten} completion fish | source; complete -C '${line}'`,
};

for (const [shell, script] of Object.entries(SHELLS)) {
  describe.skipIf(Bun.which(shell) === null)(`in ${shell}`, () => {
    for (const [line, expected] of Object.entries(COMPLETIONS)) {
      test(`${line}…`, () => {
        const completed = ask(shell, script(line)).map((found) => found.split("\t")[0] ?? "");
        expect(completed).toEqual(expected);
      });
    }
  });
}
