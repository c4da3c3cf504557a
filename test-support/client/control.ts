import { ServerProcess } from "../process.ts";
import { SocketClient } from "../clients.ts";
import { Network, type Filter } from "./network.ts";

/** The error of each case by name; undefined if it passed. */
export type Results = Map<string, string | undefined>;

const HEADERS = { "access-control-allow-origin": "*" };

/** Controls a server and its network for a suite in another process, and collects the results. */
export class ControlServer implements AsyncDisposable {
  readonly results: Results = new Map();
  /** Resolves when the suite has finished. */
  readonly done: Promise<void>;
  readonly network: Network;
  private server: ServerProcess;
  private readonly finish: () => void;
  private readonly http: Bun.Server<undefined>;

  private constructor(server: ServerProcess, network: Network, script: string) {
    this.server = server;
    this.network = network;
    const done = Promise.withResolvers<void>();
    this.done = done.promise;
    this.finish = done.resolve;
    this.http = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 60,
      routes: {
        "/": new Response(`<!doctype html><script type="module" src="/suite.js"></script>`, {
          headers: { "content-type": "text/html" },
        }),
        "/suite.js": new Response(script, { headers: { "content-type": "text/javascript" } }),
      },
      fetch: async (request) => {
        try {
          const answer = await this.carryOut(new URL(request.url).pathname.slice(1).split("/"), request);
          return new Response(answer, { headers: HEADERS });
        } catch (error) {
          return new Response(String(error), { status: 500, headers: HEADERS });
        }
      },
    });
  }

  /** `script` is served to browsers. */
  static async start(script: string): Promise<ControlServer> {
    const server = await ServerProcess.start();
    return new ControlServer(server, await Network.open(server.port), script);
  }

  get url(): string {
    return `http://127.0.0.1:${this.http.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.network[Symbol.dispose]();
    await this.http.stop(true);
    await this.server.stop();
  }

  private async carryOut([what, ...rest]: string[], request: Request): Promise<string> {
    const { network } = this;
    switch (what) {
      case "world":
        return JSON.stringify(`http://127.0.0.1:${network.port}`);
      case "result": {
        const { name, error } = (await request.json()) as { name: string; error?: string };
        this.results.set(name, error);
        break;
      }
      case "done":
        this.finish();
        break;
      case "publish":
        return JSON.stringify(await this.publish(rest[0] ?? "", Number(rest[1]), Number(rest[2])));
      case "kill":
        this.server.signal("SIGKILL");
        await this.server.stop();
        break;
      case "start":
        this.server = await ServerProcess.start({
          args: ["--port", String(this.server.port), "--rate-limit", "0"],
        });
        break;
      case "stall":
        network.stall();
        break;
      case "cut":
        network.cut(Number(rest[0]));
        break;
      case "block":
        network.block();
        break;
      case "unblock":
        network.unblock();
        break;
      case "filter":
        network.filter = rest[0] as Filter;
        network.upgrades = 0;
        break;
      case "reset":
        network.forget();
        break;
      case "connections":
        return JSON.stringify({ accepted: network.accepted.size, open: network.countOpen() });
      case "upgrades":
        return String(network.upgrades);
      default:
        throw new Error(`no such thing: ${what}`);
    }
    return "";
  }

  private async publish(stream: string, first: number, last: number): Promise<string[]> {
    const url = `http://127.0.0.1:${this.server.port}`;
    await using socket = await SocketClient.open(url, `${stream}&subscribe=false`);
    for (let i = first; i <= last; i++)
      socket.send({ Type: "message", Stream: stream, Text: String(i), Ref: i });
    const created: string[] = [];
    while (created.length <= last - first) {
      const frame = await socket.next();
      if (frame.Type === "error") throw new Error(frame.Text);
      if (frame.Type === "ack") created.push(frame.Created ?? "");
    }
    return created;
  }
}
