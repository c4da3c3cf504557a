// Real proxies with the configurations of deploy/, in which only ports and paths are replaced.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeCertificate } from "../../test-support/certificates.ts";
import { environment } from "../../test-support/process.ts";
import { reportSkipped } from "../../test-support/skipped.ts";

const DEPLOY = join(import.meta.dir, "..", "..", "deploy");

export interface Ports {
  /** Where Malten listens. */
  readonly upstream: number;
  readonly https: number;
  /** Redirects to HTTPS. */
  readonly http: number;
}

/** A program, and how to run it in a directory. */
export interface ProxyKind {
  readonly name: string;
  /** The scheme that clients use. */
  readonly scheme: "http" | "https";
  /** Writes the configuration and returns the command and its variables. */
  prepare(folder: string, ports: Ports): Promise<{ command: string[]; variables?: Record<string, string> }>;
}

/** Replaces ports and paths. Each must occur, so that the tests notice when a configuration changes. */
async function configuration(file: string, replacements: Record<string, string>): Promise<string> {
  let text = await readFile(join(DEPLOY, file), "utf8");
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`deploy/${file} does not contain "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const nginx: ProxyKind = {
  name: "nginx",
  scheme: "https",
  async prepare(folder, { upstream, https, http }) {
    const { certificate, key } = await writeCertificate(folder);
    const site = await configuration("nginx.conf", {
      "127.0.0.1:9090;": `127.0.0.1:${upstream};`,
      "listen 80;": `listen 127.0.0.1:${http};`,
      "listen [::]:80;": `listen [::1]:${http};`,
      "listen 443 ": `listen 127.0.0.1:${https} `,
      "listen [::]:443 ": `listen [::1]:${https} `,
      "/etc/letsencrypt/live/malten.example.com/fullchain.pem": certificate,
      "/etc/letsencrypt/live/malten.example.com/privkey.pem": key,
    });
    await writeFile(join(folder, "malten.conf"), site);
    // What a distribution's own configuration has around it, with its logs switched on.
    const main = [
      `user www-data; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log info;`,
      `events { worker_connections 768; }`,
      `http { sendfile on; tcp_nopush on; gzip on; access_log ${folder}/access.log; include ${folder}/malten.conf; }`,
    ];
    await writeFile(join(folder, "nginx.conf"), main.join("\n"));
    return { command: ["nginx", "-c", join(folder, "nginx.conf"), "-g", "daemon off;"] };
  },
};

const haproxy: ProxyKind = {
  name: "haproxy",
  scheme: "https",
  async prepare(folder, { upstream, https, http }) {
    const { both } = await writeCertificate(folder);
    const text = await configuration("haproxy.cfg", {
      "127.0.0.1:9090": `127.0.0.1:${upstream}`,
      ":::80 v4v6": `127.0.0.1:${http}`,
      ":::443 v4v6": `127.0.0.1:${https}`,
      "/etc/haproxy/malten.pem": both,
    });
    await writeFile(join(folder, "haproxy.cfg"), text);
    return { command: ["haproxy", "-db", "-f", join(folder, "haproxy.cfg")] };
  },
};

const caddy: ProxyKind = {
  name: "caddy",
  // With a public name, Caddy would ask a certificate authority; with a local one, it would have the system trust its own.
  scheme: "http",
  async prepare(folder, { upstream, https }) {
    await writeFile(join(folder, "Caddyfile"), await configuration("Caddyfile", {}));
    return {
      command: ["caddy", "run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"],
      variables: {
        // Of any host name.
        MALTEN_SITE: `http://:${https}`,
        MALTEN_UPSTREAM: `127.0.0.1:${upstream}`,
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
      },
    };
  },
};

export const PROXIES: readonly ProxyKind[] = [nginx, haproxy, caddy];

/** Debian installs some proxies in a directory that only root has in its PATH. */
const SEARCH = `${process.env["PATH"]}:/usr/sbin`;

/** Whether a proxy can be started here; says so if not. @throws Error in CI, which does not skip tests */
export function canRun({ name }: ProxyKind): boolean {
  // The configurations change to the users that the packages create.
  if (process.getuid?.() === 0 && Bun.which(name, { PATH: SEARCH }) !== null) return true;
  reportSkipped(`behind ${name}`, `root and ${name}`);
  return false;
}

/** A running proxy. It can be restarted on its port. */
export class Proxy implements AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
  readonly ports: Ports;
  private readonly folder: string;
  private readonly kind: ProxyKind;
  private child: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  private output: Promise<string>[] = [];

  private constructor(kind: ProxyKind, folder: string, ports: Ports) {
    this.kind = kind;
    this.folder = folder;
    this.ports = ports;
    this.url = `${kind.scheme}://127.0.0.1:${ports.https}`;
  }

  /** Starts a proxy in front of a server on 127.0.0.1. @param folder a directory of its own */
  static async start(kind: ProxyKind, folder: string, upstream: number): Promise<Proxy> {
    await mkdir(folder);
    const proxy = new Proxy(kind, folder, { upstream, https: await freePort(), http: await freePort() });
    await proxy.start();
    return proxy;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { command, variables } = await this.kind.prepare(this.folder, this.ports);
    const child = Bun.spawn(command, {
      env: { ...environment(), PATH: SEARCH, ...variables },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.child = child;
    const output = Promise.all([child.stdout.text(), child.stderr.text()]).then((texts) => texts.join(""));
    this.output.push(output);
    while (!(await this.answers())) {
      if (child.exitCode !== null) throw new Error(`${this.kind.name} exited: ${await output}`);
      // Until it is asked again: not all proxies say when they listen.
      await Bun.sleep(20);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`)).ok;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    this.child?.kill("SIGTERM");
    await this.child?.exited;
  }

  /** Everything that it printed or wrote to a file other than its configuration. Stops it. */
  async logs(): Promise<string> {
    await this.stop();
    const files = (await readdir(this.folder)).filter((file) => file.endsWith(".log"));
    const contents = files.map((file) => readFile(join(this.folder, file), "utf8"));
    return (await Promise.all([...this.output, ...contents])).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}
