// What can happen to a server, in any order. Each command does it to the real one and to the model, and compares the answers.
import { expect } from "bun:test";
import * as fc from "fast-check";
import type { WireMessage } from "../../src/protocol/message.ts";
import type { ProblemDetails } from "../../src/protocol/problem.ts";
import type { Transport } from "./follower.ts";
import { TTL, type ServerModel } from "./model.ts";
import { expectFull, modelMessage, type From, type World } from "./world.ts";

type Command = fc.AsyncCommand<ServerModel, World>;

/** Makes a command from its name, as it is shown when it fails, and what it does. */
function command(name: string, run: (model: ServerModel, world: World) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

function codeOf(json: unknown): string {
  return (json as ProblemDetails).code;
}

function create(stream: string, isPrivate: boolean, ttl: number): Command {
  return command(`create ${stream} private=${isPrivate} ttl=${ttl}`, async (model, world) => {
    const { status, json } = await world.ask("POST", "/streams", {
      stream,
      private: String(isPrivate),
      ttl: String(ttl),
    });
    if (model.stream(stream) !== undefined)
      return expect([status, codeOf(json)]).toEqual([409, "stream_exists"]);
    if (status === 503) return expectFull(model, stream, "");
    const { owner, ...created } = json as { owner: string };
    expect([status, created as unknown]).toEqual([201, { stream, private: isPrivate, ttl }]);
    model.create(stream, { private: isPrivate, ttl, owner });
    world.owners.set(stream, owner);
  });
}

function publish(stream: string, text: string, { name, ref }: { name?: string; ref?: string } = {}): Command {
  return command(
    `publish ${stream} ${text}${name === undefined ? "" : ` name ${name}`}${ref === undefined ? "" : ` ref ${ref}`}`,
    async (model, world) => {
      const answer = await world.ask("POST", "/messages", {
        stream,
        text,
        ...(name !== undefined && { name }),
        ...(ref !== undefined && { ref }),
      });
      const before = ref === undefined ? undefined : model.remembered(stream, ref);
      if (before !== undefined && (before.text !== text || before.name !== name))
        return expect([answer.status, codeOf(answer.json)]).toEqual([409, "ref_reused"]);
      if (before === undefined && answer.status === 503) return expectFull(model, stream, text);
      expect(answer.status).toBe(201);
      const message = modelMessage(answer.json as WireMessage);
      if (before !== undefined) return expect(message).toEqual(before);
      expect([message.text, message.name]).toEqual([text, name]);
      world.published(model, stream, message, ref);
    },
  );
}

function fill(stream: string, count: number, length: number): Command {
  return command(`fill ${stream} with ${count} of ${length}`, (model, world) =>
    world.fill(model, stream, count, "x".repeat(length)),
  );
}

function follow(stream: string, transport: Transport, from: From): Command {
  return command(`follow ${stream} by ${transport} from ${from}`, (model, world) =>
    world.follow(model, stream, transport, from),
  );
}

function race(stream: string, transport: Transport, count: number): Command {
  return command(`follow ${stream} by ${transport} while ${count} are published`, (model, world) =>
    world.race(model, stream, transport, count),
  );
}

/** The follower of a number, if there is one in this state. */
function chosen(world: World, number: number, connected: boolean) {
  const followed = world.followed.filter(({ follower }) => follower.connected === connected);
  return followed[number % Math.max(followed.length, 1)];
}

function disconnect(number: number): Command {
  return command(`disconnect ${number}`, async (_, world) =>
    chosen(world, number, true)?.follower.disconnect(),
  );
}

function reconnect(number: number): Command {
  return command(`reconnect ${number}`, async (model, world) => {
    const followed = chosen(world, number, false);
    if (followed !== undefined) await world.connect(model, followed);
  });
}

/** A page forward: the newest messages, or those after a cursor with the gap before them. */
function readForward(stream: string, from: number | undefined, limit: number): Command {
  return command(`read ${stream} after ${from ?? "nothing"}, at most ${limit}`, async (model, world) => {
    const cursor = from === undefined ? undefined : model.everything(stream).at(from)?.created;
    const last = cursor === undefined ? {} : { last: `${cursor}000-${model.server}` };
    const { status, headers, json } = await world.ask("GET", "/messages", {
      stream,
      limit: String(limit),
      ...last,
    });
    const { messages, gap } =
      cursor === undefined ? { messages: model.kept(stream), gap: false } : model.after(stream, cursor);
    const page = cursor === undefined ? messages.slice(-limit) : messages.slice(0, limit);
    expect([status, (json as WireMessage[]).map(({ Id }) => Id)]).toEqual([200, page.map(({ id }) => id)]);
    expect(headers.get("malten-server")).toBe(model.server);
    expect([headers.has("malten-gap"), headers.has("malten-cursor")]).toEqual([gap, page.length === 0]);
  });
}

function readBackward(stream: string, from: number, limit: number): Command {
  return command(`read ${stream} before ${from}, at most ${limit}`, async (model, world) => {
    const cursor = model.everything(stream).at(from)?.created;
    const last = cursor === undefined ? {} : { last: `${cursor}000` };
    const { json } = await world.ask("GET", "/messages", {
      stream,
      direction: "-1",
      limit: String(limit),
      ...last,
    });
    const before = model.kept(stream).filter(({ created }) => created < (cursor ?? Number.POSITIVE_INFINITY));
    const page = before.slice(-limit).toReversed();
    expect((json as WireMessage[]).map(({ Id }) => Id)).toEqual(page.map(({ id }) => id));
  });
}

function list(q: string, limit: number): Command {
  return command(`list ${q}*, at most ${limit}`, async (model, world) => {
    const { status, json } = await world.ask("GET", "/streams", { q, limit: String(limit) });
    expect([status, Object.keys(json as object)]).toEqual([200, model.listed(q).slice(0, limit)]);
  });
}

function end(stream: string, isOwner: boolean): Command {
  return command(`end ${stream} ${isOwner ? "as its owner" : "with a wrong token"}`, async (model, world) => {
    const token = (isOwner ? world.owners.get(stream) : undefined) ?? "not-the-token";
    const { status, json } = await world.ask(
      "DELETE",
      "/streams",
      { stream },
      { authorization: `Bearer ${token}` },
    );
    const found = model.stream(stream);
    if (found !== undefined && found.owner === token) {
      expect(status).toBe(204);
      model.end(stream);
    } else if (found === undefined || found.private)
      expect([status, codeOf(json)]).toEqual([404, "not_found"]);
    else expect([status, codeOf(json)]).toEqual([403, "token_wrong"]);
  });
}

function pass(seconds: number): Command {
  return command(`${seconds} s pass`, (model, world) => Promise.resolve(world.pass(model, seconds * 1000)));
}

function jump(seconds: number): Command {
  return command(`the wall clock jumps by ${seconds} s`, (_, world) =>
    Promise.resolve(world.clock.jumpWall(seconds * 1e6)),
  );
}

const restart = command("restart", (model, world) => world.restart(model));

const settle = command("settle", (model, world) => world.settle(model));

const stream = fc.constantFrom("a", "ab", "b");
const number = fc.nat(7);
/** Half of the messages have a name. */
const named = fc.constantFrom<{ name?: string }[]>({}, {}, { name: "Ada" }, { name: '"é😀"' });
const transport = fc.constantFrom<Transport[]>("events", "socket", "lines", "poll");
const from: fc.Arbitrary<From> = fc.oneof(
  fc.constantFrom<From[]>("live", "live", "earliest", "foreign", "future"),
  fc.nat(2000),
);

/** Commands, and how often each is chosen. */
const choices: readonly [weight: number, command: fc.Arbitrary<Command>][] = [
  [
    8,
    fc
      .tuple(stream, fc.constantFrom("x", "é😀", "two\nlines"), named)
      .map(([name, text, sender]) => publish(name, text, sender)),
  ],
  [
    3,
    fc
      .tuple(stream, fc.constantFrom("x", "y"), named, fc.constantFrom("1", "2"))
      .map(([name, text, sender, ref]) => publish(name, text, { ...sender, ref: `reference-number-${ref}` })),
  ],
  [
    2,
    fc
      .tuple(stream, fc.constantFrom(40, 1024, 1500), fc.constantFrom(1, 1024))
      .map(([name, count, length]) => fill(name, count, length)),
  ],
  [
    3,
    fc
      .tuple(stream, fc.boolean(), fc.constantFrom(1, TTL, 300))
      .map(([name, isPrivate, ttl]) => create(name, isPrivate, ttl)),
  ],
  [6, fc.tuple(stream, transport, from).map(([name, how, begin]) => follow(name, how, begin))],
  [
    2,
    fc
      .tuple(stream, transport, fc.integer({ min: 1, max: 8 }))
      .map(([name, how, count]) => race(name, how, count)),
  ],
  [3, number.map(disconnect)],
  [3, number.map(reconnect)],
  [
    3,
    fc
      .tuple(stream, fc.option(fc.nat(2000), { nil: undefined }), fc.constantFrom(1, 25, 1024))
      .map(([name, begin, limit]) => readForward(name, begin, limit)),
  ],
  [
    2,
    fc
      .tuple(stream, fc.nat(2000), fc.constantFrom(1, 25, 1024))
      .map(([name, begin, limit]) => readBackward(name, begin, limit)),
  ],
  [
    2,
    fc
      .tuple(fc.constantFrom("", "a", "ab", "c"), fc.constantFrom(1, 2, 1000))
      .map(([prefix, limit]) => list(prefix, limit)),
  ],
  [2, fc.tuple(stream, fc.boolean()).map(([name, isOwner]) => end(name, isOwner))],
  [3, fc.constantFrom(1, 30, TTL, 121).map(pass)],
  [1, fc.constantFrom(-3600, 3600).map(jump)],
  [1, fc.constant(restart)],
  [2, fc.constant(settle)],
];

/** Sequences of commands. */
export function serverCommands(most: number): fc.Arbitrary<Iterable<Command>> {
  const commands = choices.flatMap(([weight, arbitrary]) => Array.from({ length: weight }, () => arbitrary));
  return fc.commands(commands, { maxCommands: most, size: "max" });
}
