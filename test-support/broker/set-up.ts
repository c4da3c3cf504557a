import type { Broker, StreamRequest } from "../../src/core/broker.ts";
import type { Cursor } from "../../src/protocol/cursor.ts";
import { Problem, type ProblemCode } from "../../src/protocol/problem.ts";
import { readPageQuery, type PageQuery } from "../../src/protocol/query.ts";
import { checkText } from "../../src/protocol/text.ts";
import type { ManualClock } from "../clock.ts";
import { NewsRecorder } from "../news-recorder.ts";

export interface BrokerOptions {
  /** Default idle time-to-live of a stream, in seconds. */
  readonly ttl: number;
  /** Bytes. */
  readonly maxMemory: number;
}

/** What brokers need not have in common. */
interface Capabilities {
  /** Streams expire by a monotonic clock: when the wall clock is set, nothing expires early or late. */
  readonly monotonicExpiry: boolean;
  /** `maxMemory` is accounted for by the byte, and clients have shares of it. Otherwise it is a matter of the engine. */
  readonly memoryBudget: boolean;
  /** Streams are spread over so many memories, each of which has `maxMemory`. */
  readonly shards: number;
}

const ALL_CAPABILITIES: Capabilities = { monotonicExpiry: true, memoryBudget: true, shards: 1 };

/** A fresh broker without streams, and its clock. */
interface BrokerUnderTest {
  readonly broker: Broker;
  readonly clock: ManualClock;
  /** Resolves when all news so far has been delivered; absent if it is delivered synchronously. */
  readonly settle?: () => Promise<void>;
  /** Those that the broker does not have are false. */
  readonly capabilities?: Partial<Capabilities>;
}

export type MakeBroker = (options: BrokerOptions) => BrokerUnderTest | Promise<BrokerUnderTest>;

export const TTL = 100;
export const REF = "0123456789abcdef";
export const MEGABYTE = 1024 ** 2;

/** Returns a function that makes a broker, with its clock, its listener and short forms of its operations. */
export function brokerSetUp(make: MakeBroker) {
  return async (options: Partial<BrokerOptions> = {}) => {
    const { broker, clock, settle, capabilities } = await make({
      ttl: TTL,
      maxMemory: 64 * MEGABYTE,
      ...options,
    });
    const heard = new NewsRecorder(broker, settle);
    return {
      broker,
      clock,
      heard,
      capabilities: { ...ALL_CAPABILITIES, ...capabilities },
      create: async (request: Partial<StreamRequest> = {}) => {
        if (request.name !== undefined) await heard.follow(request.name);
        return broker.create({ name: undefined, private: false, ttl: undefined, ...request });
      },
      publish: async (stream: string, text: string) => {
        await heard.follow(stream);
        return broker.publish(stream, checkText(text));
      },
      /** Publishes `count` messages and returns their cursors. */
      fill: async (stream: string, count: number, text = "x"): Promise<Cursor[]> => {
        const cursors: Cursor[] = [];
        await heard.follow(stream);
        for (let i = 0; i < count; i++)
          cursors.push((await broker.publish(stream, checkText(`${text}${i}`))).created);
        return cursors;
      },
      page: async (stream: string, parameters: Record<string, string | number> = {}) =>
        (await broker.page(stream, query(parameters))).messages,
      texts: async (stream: string, parameters: Record<string, string | number> = {}) =>
        (await broker.page(stream, query(parameters))).messages.map(({ text }) => text),
      list: async (limit = 1000, prefix = "") =>
        (await broker.list(limit, prefix)).map((stream) => stream.name),
      /** Advances the clock and calls the broker once a second, as a server does. */
      pass: (seconds: number) => {
        for (let left = seconds; left > 0; left--) {
          clock.advance(Math.min(left, 1) * 1000);
          broker.onTimer();
        }
      },
    };
  };
}

export type SetUp = ReturnType<typeof brokerSetUp>;

/** The query of `GET /messages` with these parameters. */
function query(parameters: Record<string, string | number>): PageQuery {
  return readPageQuery({ get: (name) => parameters[name]?.toString() }, "");
}

/** Returns the problem that the attempt throws; undefined if it succeeds. */
export async function problemOf(attempt: () => unknown): Promise<Problem | undefined> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return undefined;
}

export async function codeOf(attempt: () => unknown): Promise<ProblemCode | undefined> {
  return (await problemOf(attempt))?.code;
}
