import type { ClientStream, StreamState } from "../../src/client/index.ts";

/** Resolves when the stream has a state of this kind. */
export function becomes(stream: ClientStream, kind: StreamState["kind"]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.state.kind !== kind) return;
      stop();
      resolve();
    };
    const stop = stream.onState(look);
    look();
  });
}

/** Resolves with what the promise rejects with. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}
