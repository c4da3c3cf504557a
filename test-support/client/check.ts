// What the cases of the SDK share, in every runtime. Uses only web standards and the SDK.
import { Malten, MaltenError } from "../../src/client/index.ts";
import type { World } from "./world.ts";

/** A client of the world's transport. */
export function client(world: World, silence?: number): Malten {
  return new Malten(world.url, { transports: [world.transport], ...(silence !== undefined && { silence }) });
}

/** The code of the error that the promise rejects with, `none` if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof MaltenError ? error.code : String(error);
  }
}
