// A terminal of someone who follows the page: bash, with malten and the SDK installed.
import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { environment, linesOf, SOURCE } from "../../test-support/process.ts";

const ROOT = join(import.meta.dir, "..", "..");

/** Where `import … from "@malten/client"` leads. */
const MANIFEST = {
  name: "@malten/client",
  type: "module",
  exports: { ".": "./src/client/index.ts", "./encrypted": "./src/client/encrypted/index.ts" },
};

/** A folder in which commands are run. */
export class Shell implements AsyncDisposable {
  readonly folder: string;
  private readonly running: Running[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Shell> {
    const folder = await mkdtemp(join(tmpdir(), "malten-shell-"));
    const program = join(folder, "bin", "malten");
    await Bun.write(program, `#!/bin/sh\nexec ${SOURCE.map((part) => `'${part}'`).join(" ")} "$@"\n`);
    await chmod(program, 0o755);
    const client = join(folder, "node_modules", "@malten", "client");
    await mkdir(client, { recursive: true });
    await Bun.write(join(client, "package.json"), JSON.stringify(MANIFEST));
    await symlink(join(ROOT, "src"), join(client, "src"));
    return new Shell(folder);
  }

  /** Runs what is on the lines of a command. `input` is typed. */
  run(command: string, input = ""): Running {
    const { folder } = this;
    const path = [join(folder, "bin"), process.env["PATH"]].join(delimiter);
    const child = Bun.spawn(["bash", "-c", command], {
      cwd: folder,
      env: { ...environment(), PATH: path },
      stdin: new Blob([input]),
      stdout: "pipe",
      stderr: "ignore",
      // A group of its own, of which all processes can be ended.
      detached: true,
    });
    const running = { child, lines: linesOf(child.stdout) };
    this.running.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.running) {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // They have all exited.
      }
      await child.exited;
    }
    await rm(this.folder, { recursive: true });
  }
}

interface Running {
  readonly child: Bun.Subprocess<Blob, "pipe", "ignore">;
  readonly lines: AsyncGenerator<string, undefined>;
}
