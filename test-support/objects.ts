// Objects in a server's memory as the garbage collector counts them. A small leak can hide in resident memory, but not here.
import { fileURLToPath } from "node:url";
import { ServerProcess } from "./process.ts";

const FIXTURE = fileURLToPath(import.meta.resolve("../e2e/fixtures/server.ts"));

/** The number of objects per type. */
type ObjectCounts = Readonly<Record<string, number>>;

/** Objects of the server and the runtime per connection. */
const PER_CONNECTION = [
  "ServerWebSocket",
  "ReadableStream",
  "ReadableHTTPResponseSinkController",
  "DirectStreamSource",
  "Response",
  "Request",
  "AbortSignal",
];

/** Starts a server whose objects can be counted. */
export function startCountable(): Promise<ServerProcess> {
  return ServerProcess.start({ command: [process.execPath, FIXTURE], args: [] });
}

/** Returns the objects left after a garbage collection. */
export async function countObjects(server: ServerProcess): Promise<ObjectCounts> {
  server.signal("SIGUSR2");
  return JSON.parse(await server.nextLine()) as ObjectCounts;
}

/** Returns a heap snapshot, which contains every string still in use after a garbage collection. */
export function heapSnapshot(server: ServerProcess): Promise<string> {
  server.signal("SIGHUP");
  return server.nextLine();
}

/** Returns the types with more than `most` more objects than before. */
export function leftBehind(before: ObjectCounts, after: ObjectCounts, most: number): ObjectCounts {
  const left = Object.entries(after).filter(([type, count]) => {
    // The collector scans the stack, which may still point to the last ones.
    if (PER_CONNECTION.includes(type)) return count > 10;
    return count - (before[type] ?? 0) > most;
  });
  return Object.fromEntries(left);
}
