import type { Gap } from "../src/core/broker.ts";
import type { Hub } from "../src/core/hub.ts";
import { formatCursor, parseCursorAfter, splitCursor, type Cursor } from "../src/protocol/cursor.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import { RequestParameters } from "../src/server/http/parameters.ts";
import { pageInit } from "../src/server/http/responses.ts";
import { RequestContext } from "../src/server/http/request-context.ts";
import { Clients } from "../src/server/limits/clients.ts";
import { LiveResponses } from "../src/server/live/live-responses.ts";
import { Stalls } from "../src/server/live/stalls.ts";
import type { LongPolls } from "../src/server/live/long-polls.ts";
import { ServerLog } from "../src/server/log.ts";
import { readMessages } from "../src/server/routes/messages.ts";
import { ManualClock } from "./clock.ts";
import { testLimits } from "./limits.ts";

/** Longest wait of a poll, in seconds. */
const WAIT = 60;

/** A client that follows a stream by long polls, one after the other. */
export class Poller {
  readonly cursors: Cursor[] = [];
  readonly gaps: Gap[] = [];
  /** The cursor of the next poll, as it is sent. */
  private cursor: string;
  private state: "idle" | "polling" | "stopped" = "idle";
  private answered = 0;
  private seen = -1;

  readonly begin: Cursor;
  private readonly hub: Hub;
  private readonly polls: LongPolls;
  private readonly stream: string;

  constructor(hub: Hub, polls: LongPolls, stream: string, begin: Cursor) {
    this.hub = hub;
    this.polls = polls;
    this.stream = stream;
    this.begin = begin;
    this.cursor = formatCursor(begin, hub.server);
    this.start();
  }

  /** Polls again if the last poll failed, and observes from now on whether it is only waiting. */
  start(): void {
    this.seen = this.answered;
    if (this.state !== "idle") return;
    this.state = "polling";
    void this.run();
  }

  stop(): void {
    this.state = "stopped";
  }

  /** Whether its poll has been waiting since the last {@link start}. */
  get isWaiting(): boolean {
    return this.state === "polling" && this.seen === this.answered;
  }

  private async run(): Promise<void> {
    try {
      while (this.state === "polling") await this.poll();
    } catch {
      if (this.state === "polling") this.state = "idle";
    }
  }

  private async poll(): Promise<void> {
    const clock = new ManualClock();
    const query = new URLSearchParams({
      stream: this.stream,
      last: this.cursor,
      wait: `${WAIT}`,
      limit: "50",
    });
    const limits = testLimits();
    const log = new ServerLog(() => {}, clock);
    const services = {
      hub: this.hub,
      limits,
      clients: new Clients({ limits, clock, log }),
      responses: new LiveResponses(clock, new Stalls(clock, limits.maxMemory), log),
      polls: this.polls,
      pageInit: pageInit(this.hub.server),
    };
    const connection = {
      keepOpen() {},
      address: () => "127.0.0.1",
      peer: () => 0,
      upgrade: () => false,
    };
    const request = new Request("http://localhost/messages");
    const parameters = new RequestParameters(query.toString());
    const response = await readMessages(new RequestContext(services, request, connection, parameters));
    const messages = (await response.json()) as WireMessage[];
    const [from, to] = response.headers.get("malten-gap")?.split("-") ?? [];
    if (from !== undefined && to !== undefined) this.gaps.push({ from: cursorOf(from), to: cursorOf(to) });
    this.cursors.push(...messages.map(({ Created }) => cursorOf(Created)));
    const last = messages.at(-1)?.Created;
    this.cursor =
      last === undefined ? (response.headers.get("malten-cursor") ?? "") : `${last}-${this.hub.server}`;
    this.answered++;
  }
}

function cursorOf(cursor: string): Cursor {
  return parseCursorAfter(splitCursor(cursor)?.ns ?? "") ?? Number.NaN;
}
