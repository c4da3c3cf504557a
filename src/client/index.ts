// The public API: `malten/client`.
export {
  Malten,
  type Created,
  type CreateOptions,
  type Listed,
  type ListOptions,
  type MaltenOptions,
  type NamedStreamEvent,
} from "./malten.ts";
export { MaltenError, type ClientErrorCode } from "./error.ts";
export type { ClientStream, ReadOptions } from "./client-stream.ts";
export type { StreamState } from "./connection-manager.ts";
export type { Limits } from "./limits.ts";
export type { Gap, Message } from "./message.ts";
export type { Presence } from "./presence-tracker.ts";
export type { SendOptions, Sent } from "./send-queue.ts";
export type {
  Person,
  PersonChange,
  PresenceEvent,
  PresenceInfo,
  StreamEvent,
  WelcomeEvent,
} from "./stream-event.ts";
export type { ListenOptions } from "./subscription.ts";
export type { TransportName } from "./transports/choice.ts";
