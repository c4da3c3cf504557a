import type { Target } from "../load/job.ts";
import type { ProtocolName } from "../load/protocol.ts";
import { withChildren } from "../measure.ts";
import { launch, stop, type Child } from "../process.ts";

/** A running server. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** A server that can be started and measured. */
export interface ServerKind {
  readonly name: string;
  /** Undefined if it is not installed. */
  version(): string | undefined;
  start(options?: readonly string[]): Promise<Server>;
}

const START_TIMEOUT_MS = 10_000;

export function target(server: Server, protocol: ProtocolName): Target {
  return { protocol, port: server.port, pids: withChildren(server.pid) };
}

/** Starts a server that prints its URL on the first line. */
export async function launchAndReadPort(command: readonly string[]): Promise<Server> {
  const child = launch(command, "server");
  const reader = child.stdout.getReader();
  let output = "";
  while (!output.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`${command.join(" ")} exited: ${output}${await child.stderr.text()}`);
    output += Buffer.from(value).toString();
  }
  reader.releaseLock();
  const port = Number(/:(\d+)\/?\s/.exec(output)?.[1]);
  return { port, pid: child.pid, stop: () => stop(child) };
}

/** Starts a server on a port and waits until it accepts connections. @throws after 10 s, or when it exits */
export async function launchOnPort(port: number, command: readonly string[]): Promise<Server> {
  const child = launch(command, "server");
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`${command.join(" ")} does not listen: ${await stopAndReadOutput(child)}`);
    await Bun.sleep(20);
  }
  return { port, pid: child.pid, stop: () => stop(child) };
}

/** Returns a port that is currently unused. */
export function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

/** Runs a program and returns the first version number that it prints; undefined if it is not installed. */
export function versionOf(program: string, ...args: string[]): string | undefined {
  if (Bun.which(program) === null) return undefined;
  const { stdout, stderr } = Bun.spawnSync([program, ...args], { timeout: START_TIMEOUT_MS });
  return /\d+(\.\d+)+/.exec(`${stdout.toString()}${stderr.toString()}`)?.[0];
}

async function stopAndReadOutput(child: Child): Promise<string> {
  await stop(child);
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
