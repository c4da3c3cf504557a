// A network namespace and a virtual cable to it: for programs with an address of their own.
import { spawnSync } from "node:child_process";
import { environment } from "./process.ts";
import { reportSkipped } from "./skipped.ts";

/** Whether {@link Network}s can be made. That needs privileges that containers usually lack. */
export function canMakeNetworks(): boolean {
  return (
    process.platform === "linux" &&
    Bun.which("ip") !== null &&
    spawnSync("unshare", ["--net", "true"]).status === 0
  );
}

/** The same for tests. If not, says which are skipped. @throws Error in CI */
export function canTestNetworks(what: string): boolean {
  const possible = canMakeNetworks();
  if (!possible) reportSkipped(what, "Linux, root and ip (package iproute2)");
  return possible;
}

/** A network namespace and a virtual cable to it. */
export class Network implements Disposable {
  /** The addresses of the cable's ends on this machine and in the namespace, from the range for tests (RFC 2544). */
  readonly here = address(1);
  readonly there = address(2);
  private readonly name = `malten-${process.pid}`;
  private readonly children: Bun.Subprocess[] = [];
  private readonly ends = [`mt${process.pid}a`, `mt${process.pid}b`] as const;

  constructor() {
    const [near, far] = this.ends;
    ip("netns", "add", this.name);
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", this.name);
    ip("addr", "add", `${this.here}/30`, "dev", near);
    ip("link", "set", near, "up");
    ip("-n", this.name, "addr", "add", `${this.there}/30`, "dev", far);
    ip("-n", this.name, "link", "set", far, "up");
  }

  /** Returns the command that runs another one in the namespace. */
  within(...command: string[]): string[] {
    return ["ip", "netns", "exec", this.name, ...command];
  }

  /** Runs a program in the namespace until the network is disposed of. */
  run(...command: string[]) {
    const child = Bun.spawn(this.within(...command), { env: environment(), stdout: "pipe" });
    this.children.push(child);
    return child;
  }

  /** Cuts the cable. */
  cut(): void {
    ip("-n", this.name, "link", "set", this.ends[1], "down");
  }

  [Symbol.dispose](): void {
    for (const child of this.children) child.kill("SIGKILL");
    // First, because open connections keep a deleted namespace alive.
    ip("link", "delete", this.ends[0]);
    ip("netns", "delete", this.name);
  }
}

/** Different for each process that runs at the same time. */
function address(host: number): string {
  const number = (process.pid % 16_384) * 4 + host;
  return `198.18.${number >> 8}.${number & 255}`;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
