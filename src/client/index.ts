// What programs see: `malten/client`.
export {
  Malten,
  type Created,
  type CreateOptions,
  type Listed,
  type ListOptions,
  type MaltenOptions,
} from "./malten.ts";
export { MaltenError, type ClientErrorCode } from "./error.ts";
export type { Sent } from "./outbox.ts";
export type { Person, PersonChange, StreamEvent } from "./event.ts";
export type { Limits } from "./limits.ts";
export type { StreamState } from "./link.ts";
export type { Gap, Message } from "./message.ts";
export type { Presence, ReadOptions, SendOptions, Stream } from "./stream.ts";
export type { ListenOptions } from "./subscription.ts";
export type { TransportName } from "./transports.ts";
