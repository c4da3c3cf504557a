import type { Socket } from "bun";
import { connect, openAll, type Reader } from "../../load/connection.ts";
import { now } from "../../load/delivery-counter.ts";
import { AnswerParser, type Answer } from "../answers.ts";
import { addressing } from "../clients.ts";
import { request } from "../requests.ts";
import { ImpatientConnection } from "./impatient.ts";
import { Tally } from "../tally.ts";
import type { Ledger } from "./ledger.ts";

const CONNECTIONS = 256;

/** Bytes that a connection holds back for a server that does not read, until further requests are dropped. */
const HELD_BACK = 16_384;

/** Clients that wait for their answers. */
const IMPATIENT = 4;

/** Connections of such a client. With a single one, it would not exceed its rate when the server takes longer to answer. */
const IMPATIENT_CONNECTIONS = 32;

/** Time between two requests on such a connection, at least, in milliseconds. */
const IMPATIENT_INTERVAL = 100;

/**
 * Publishes at a constant rate, whether the server keeps up or not. Besides, some clients wait for their answers, and exceed
 * their rates.
 */
export class Publishers {
  readonly tally = new Tally();
  sent = 0;
  unsent = 0;
  acknowledged = 0;
  /** Requests that were neither answered nor lost with their connection. */
  pending = 0;
  /** Requests whose connection was closed before their answer arrived. */
  unanswered = 0;
  /** Answers to the clients that wait for them. */
  awaited = 0;
  private readonly waiting = {
    begin: () => this.begin(),
    receive: (answer: Answer) => {
      this.awaited++;
      this.receive(answer);
    },
    lose: (count: number) => this.lose(count),
  };
  private due = 0;
  private running = true;
  private readonly requests: Buffer[];
  private readonly impatientRequests: Buffer[];
  private impatient: ImpatientConnection[] = [];
  private readonly connections: PublishConnection[] = [];
  private readonly ledger: Ledger;

  /** @param clients that publish in turn */
  constructor(ledger: Ledger, stream: string, text: string, clients: number) {
    this.ledger = ledger;
    const forwarded = addressing("many");
    const publishAs = (client: number) =>
      Buffer.from(request("POST", `/messages?stream=${stream}&text=${text}`, forwarded(client)));
    this.requests = Array.from({ length: clients }, (_, client) => publishAs(client));
    this.impatientRequests = Array.from({ length: IMPATIENT }, (_, index) => publishAs(clients + index));
  }

  async open(port: number): Promise<void> {
    await openAll(CONNECTIONS, async (index) => {
      const connection = new PublishConnection(port, this);
      await connection.open();
      this.connections[index] = connection;
    });
    this.impatient = this.impatientRequests.flatMap((bytes) =>
      Array.from({ length: IMPATIENT_CONNECTIONS }, () => new ImpatientConnection(port, bytes, this.waiting)),
    );
  }

  /** Sends `rate` requests per second until {@link stop}. */
  start(rate: number): void {
    for (const connection of this.impatient) void connection.run(IMPATIENT_INTERVAL);
    const startedAt = now();
    const turn = () => {
      if (!this.running) return;
      const due = Math.floor(((now() - startedAt) * rate) / 1e6);
      while (this.due < due) this.send(this.due++);
      for (const connection of this.connections) connection.flush();
      // Timers have a resolution of a millisecond: poll instead.
      setImmediate(turn);
    };
    turn();
  }

  stop(): void {
    this.running = false;
    for (const connection of this.impatient) connection.stop();
    for (const connection of this.connections) connection.flush();
  }

  private send(number: number): void {
    const connection = this.connections[number % CONNECTIONS];
    const bytes = this.requests[number % this.requests.length];
    if (connection === undefined || bytes === undefined || connection.heldBack > HELD_BACK) {
      this.unsent++;
      return;
    }
    connection.add(bytes);
    this.begin();
  }

  begin(): void {
    this.sent++;
    this.pending++;
  }

  /** Called when a connection was closed, with the number of requests that will not be answered. */
  lose(count: number): void {
    this.pending -= count;
    this.unanswered += count;
  }

  receive(answer: Answer): void {
    this.pending--;
    if (answer.status === 201) {
      this.acknowledged++;
      this.ledger.add(/"Created":"(\d+)"/.exec(answer.body)?.[1] ?? "");
      return;
    }
    this.tally.countRefusal(answer);
  }
}

/** Opens again whenever the server closes it. */
class PublishConnection implements Reader {
  private socket: Socket<Reader> | undefined = undefined;
  private parts: Buffer[] = [];
  /** Bytes that were not sent yet. */
  heldBack = 0;
  /** Requests that were not answered yet. */
  private pending = 0;
  private parser: AnswerParser;
  private readonly port: number;
  private readonly publishers: Publishers;

  constructor(port: number, publishers: Publishers) {
    this.port = port;
    this.publishers = publishers;
    this.parser = this.newParser();
  }

  async open(): Promise<void> {
    this.socket = await connect<Reader>(this.port, this);
  }

  add(bytes: Buffer): void {
    this.parts.push(bytes);
    this.heldBack += bytes.length;
    this.pending++;
  }

  flush(): void {
    if (this.heldBack === 0 || this.socket === undefined) return;
    const bytes = Buffer.concat(this.parts);
    const rest = bytes.subarray(Math.max(0, this.socket.write(bytes)));
    this.parts = rest.length === 0 ? [] : [rest];
    this.heldBack = rest.length;
  }

  read(chunk: Buffer): void {
    this.parser.read(chunk);
  }

  drained(): void {
    this.flush();
  }

  closed(): void {
    this.socket = undefined;
    this.publishers.lose(this.pending);
    this.pending = 0;
    this.parts = [];
    this.heldBack = 0;
    this.parser = this.newParser();
    this.open().catch(() => this.closed());
  }

  private newParser(): AnswerParser {
    return new AnswerParser((answer) => {
      this.pending--;
      this.publishers.receive(answer);
    });
  }
}
