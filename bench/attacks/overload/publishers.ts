import type { Socket } from "bun";
import { connect, openAll, type Reader } from "../../load/connection.ts";
import { now } from "../../load/delivery-counter.ts";
import { AnswerParser, codeOf, type Answer } from "../answers.ts";
import { addressing } from "../clients.ts";
import { request } from "../requests.ts";
import { Tally } from "../tally.ts";
import type { Ledger } from "./ledger.ts";

const CONNECTIONS = 256;

/** Bytes that a connection holds back for a server that does not read, until further requests are dropped. */
const HELD_BACK = 16_384;

/** Publishes at a constant rate, whether the server keeps up or not. */
export class Publishers {
  readonly tally = new Tally();
  sent = 0;
  unsent = 0;
  answered = 0;
  private due = 0;
  private running = true;
  private readonly requests: Buffer[];
  private readonly connections: PublishConnection[] = [];
  private readonly ledger: Ledger;

  /** @param clients that publish in turn */
  constructor(ledger: Ledger, stream: string, text: string, clients: number) {
    this.ledger = ledger;
    const forwarded = addressing("many");
    this.requests = Array.from({ length: clients }, (_, client) =>
      Buffer.from(request("POST", `/messages?stream=${stream}&text=${text}`, forwarded(client))),
    );
  }

  async open(port: number): Promise<void> {
    await openAll(CONNECTIONS, async () => {
      const connection = new PublishConnection((answer) => this.receive(answer));
      connection.start(await connect<Reader>(port, connection));
      this.connections.push(connection);
    });
  }

  /** Sends `rate` requests per second until {@link stop}. */
  start(rate: number): void {
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
    this.sent++;
  }

  private receive(answer: Answer): void {
    this.answered++;
    const { tally } = this;
    if (answer.status === 201) {
      this.ledger.add(/"Created":"(\d+)"/.exec(answer.body)?.[1] ?? "");
      return;
    }
    tally.refuse(codeOf(answer));
    if ((answer.status === 429 || answer.status === 503) && !answer.retryAfter) tally.withoutRetryAfter++;
  }
}

class PublishConnection implements Reader {
  private socket: Socket<Reader> | undefined = undefined;
  private parts: Buffer[] = [];
  heldBack = 0;
  private readonly parser: AnswerParser;

  constructor(receive: (answer: Answer) => void) {
    this.parser = new AnswerParser(receive);
  }

  start(socket: Socket<Reader>): void {
    this.socket = socket;
  }

  add(bytes: Buffer): void {
    this.parts.push(bytes);
    this.heldBack += bytes.length;
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
}
