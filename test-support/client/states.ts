import type { ClientStream, StreamState } from "../../src/client/index.ts";

type Stateful = Pick<ClientStream, "state" | "onState">;
type Kind = StreamState["kind"];
type StateOf<K extends Kind> = Extract<StreamState, { kind: K }>;

/** Resolves with the state of the stream when it is of this kind. */
export function becomes<K extends Kind>(stream: Stateful, kind: K): Promise<StateOf<K>> {
  return new Promise((resolve) => {
    const look = () => {
      const { state } = stream;
      if (!isOfKind(state, kind)) return;
      stop();
      resolve(state);
    };
    const stop = stream.onState(look);
    look();
  });
}

function isOfKind<K extends Kind>(state: StreamState, kind: K): state is StateOf<K> {
  return state.kind === kind;
}

/** Resolves with what the promise rejects with. */
export function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}
