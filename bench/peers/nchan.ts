import { existsSync } from "node:fs";
import { withChildren } from "../measure.ts";
import { versionOf, type ServerKind } from "../servers/server.ts";
import { launchPeer } from "./peer.ts";

/** The path in Debian. Also in nginx.conf. */
const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** From Debian's packages nginx and libnginx-mod-nchan. */
export const nchanNginx: ServerKind = {
  name: "nchan",
  version: () => (existsSync(MODULE) ? versionWithNginx() : undefined),
  start: async () => {
    const server = await launchPeer("nginx.conf", (path, directory) => [
      "nginx",
      "-p",
      directory,
      "-e",
      "error.log",
      "-c",
      path,
      "-g",
      "daemon off;",
    ]);
    // The master listens before it forks the worker, which is the process to measure.
    while (withChildren(server.pid).length === 1) await Bun.sleep(5);
    return server;
  },
};

function versionWithNginx(): string | undefined {
  const nginx = versionOf("nginx", "-v");
  const nchan = versionOf("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan");
  return nginx === undefined ? undefined : `${nchan ?? "unknown"}, nginx ${nginx}`;
}
