// A server whose every trace is seen: what it receives, sends, logs, measures, and has in its memory.
import { ServerProcess } from "../../test-support/process.ts";
import { Capture } from "./capture.ts";
import { Detector, type Secret } from "./detector.ts";
import { readMemory } from "./memory.ts";

const ARGS = [
  "--port",
  "0",
  "--rate-limit",
  "0",
  "--metrics-port",
  "0",
  "--log-format",
  "json",
  "--allow-core-dumps",
];

/** Where secrets were found. */
interface Findings {
  readonly network: readonly string[];
  readonly metrics: readonly string[];
  readonly memory: readonly string[];
}

export const NOTHING: Findings = { network: [], metrics: [], memory: [] };

export class ServerUnderWatch implements AsyncDisposable {
  readonly capture: Capture;
  private readonly server: ServerProcess;
  private readonly metricsUrl: string;
  private readonly log: string[] = [];

  private constructor(server: ServerProcess, capture: Capture, metricsUrl: string) {
    this.server = server;
    this.capture = capture;
    this.metricsUrl = metricsUrl;
  }

  static async start(): Promise<ServerUnderWatch> {
    const server = await ServerProcess.start({ args: ARGS });
    const metricsUrl = /http:\S+$/.exec(await server.nextLine())?.[0] ?? "";
    return new ServerUnderWatch(server, await Capture.open(server.port), metricsUrl);
  }

  /** Where clients reach it. */
  get url(): string {
    return this.capture.url;
  }

  /** Returns which of the secrets are on its network, in its metrics and in its memory. */
  async find(secrets: readonly Secret[]): Promise<Findings> {
    const detector = new Detector(secrets);
    const metrics = await (await fetch(this.metricsUrl)).bytes();
    const memory = new Set<string>();
    readMemory(this.server.pid, (bytes) => {
      for (const found of detector.find(bytes)) memory.add(found);
    });
    return {
      network: detector.find(this.capture.bytes()),
      metrics: detector.find(metrics),
      memory: Array.from(memory),
    };
  }

  /** Stops the server, and returns which of the secrets it has printed or logged. */
  async findInLog(secrets: readonly Secret[]): Promise<string[]> {
    await this.server.stop();
    for (;;) {
      const line = await this.server.nextLine().catch(() => null);
      if (line === null) break;
      this.log.push(line);
    }
    return new Detector(secrets).find(Buffer.from([...this.log, await this.server.errors].join("\n")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.capture[Symbol.asyncDispose]();
    await this.server.stop();
  }
}
