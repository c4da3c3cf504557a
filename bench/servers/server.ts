import type { Target } from "../load/job.ts";
import type { WireName } from "../load/wire.ts";
import { withChildren } from "../measure.ts";
import { end, launch, type Child } from "../process.ts";

/** A server that runs. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A server that can be measured. */
export interface ServerKind {
  readonly name: string;
  /** Undefined: it is not installed. */
  version(): string | undefined;
  start(options?: readonly string[]): Promise<Server>;
}

/** How long a server may take to begin, in milliseconds. */
const PATIENCE = 10_000;

export function target(server: Server, wire: WireName): Target {
  return { wire, port: server.port, pids: withChildren(server.pid) };
}

/** Starts a server that says in its first line where it listens. */
export async function launchAnnounced(command: readonly string[]): Promise<Server> {
  const child = launch(command, "server");
  const reader = child.stdout.getReader();
  let output = "";
  while (!output.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`${command.join(" ")} ended: ${output}${await child.stderr.text()}`);
    output += Buffer.from(value).toString();
  }
  reader.releaseLock();
  const port = Number(/:(\d+)\/?\s/.exec(output)?.[1]);
  return { port, pid: child.pid, stop: () => end(child) };
}

/** Starts a server on a port that was free, and waits until it takes connections. */
export async function launchOn(port: number, command: readonly string[]): Promise<Server> {
  const child = launch(command, "server");
  const late = performance.now() + PATIENCE;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > late)
      throw new Error(`${command.join(" ")} does not listen: ${await said(child)}`);
    await Bun.sleep(20);
  }
  return { port, pid: child.pid, stop: () => end(child) };
}

/** A port that nobody uses just now. */
export function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

/** The first number with dots that a program answers; undefined when it is not there. */
export function versionOf(program: string, ...args: string[]): string | undefined {
  if (Bun.which(program) === null) return undefined;
  const { stdout, stderr } = Bun.spawnSync([program, ...args], { timeout: PATIENCE });
  return /\d+(\.\d+)+/.exec(`${stdout.toString()}${stderr.toString()}`)?.[0];
}

async function said(child: Child): Promise<string> {
  await end(child);
  return `${await child.stdout.text()}${await child.stderr.text()}`;
}

async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
    socket.terminate();
    return true;
  } catch {
    return false;
  }
}
