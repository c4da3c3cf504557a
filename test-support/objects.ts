// What is in a server's memory, as the collector sees it: a small leak can hide in what the allocator keeps, but not here.
import { fileURLToPath } from "node:url";
import { ServerProcess } from "./process.ts";

const FIXTURE = fileURLToPath(import.meta.resolve("../e2e/fixtures/server.ts"));

/** How many objects there are of each type. */
type ObjectCounts = Readonly<Record<string, number>>;

/** What the server and the runtime make for each connection. */
const PER_CONNECTION = [
  "ServerWebSocket",
  "ReadableStream",
  "ReadableHTTPResponseSinkController",
  "DirectStreamSource",
  "Response",
  "Request",
  "AbortSignal",
];

/** A server whose objects can be counted. */
export function startCountable(): Promise<ServerProcess> {
  return ServerProcess.start({ command: [process.execPath, FIXTURE], args: [] });
}

/** What is left after a collection. */
export async function countObjects(server: ServerProcess): Promise<ObjectCounts> {
  server.signal("SIGUSR2");
  return JSON.parse(await server.nextLine()) as ObjectCounts;
}

/** What those left behind who are gone: types of which there are more than `most` more than before. */
export function leftBehind(before: ObjectCounts, after: ObjectCounts, most: number): ObjectCounts {
  const left = Object.entries(after).filter(([type, count]) => {
    // The collector looks for pointers on the stack, where one of the last may still lie.
    if (PER_CONNECTION.includes(type)) return count > 10;
    return count - (before[type] ?? 0) > most;
  });
  return Object.fromEntries(left);
}
