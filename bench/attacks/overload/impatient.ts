import type { Socket } from "bun";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Reader } from "../../load/connection.ts";
import { AnswerParser, type Answer } from "../answers.ts";

/** What happens to the requests of a client. */
interface Requests {
  begin(): void;
  receive(answer: Answer): void;
  /** Called with the number of requests that will not be answered. */
  lose(count: number): void;
}

/**
 * Sends one request after the other as a client that sends more than it may, and does not heed `Retry-After`. Because it waits
 * for each answer, it gets every refusal: those who do not wait lose most answers with their connection.
 */
export class ImpatientConnection implements Reader {
  private socket: Socket<Reader> | undefined = undefined;
  private answer: PromiseWithResolvers<void> | undefined = undefined;
  private running = true;
  private parser: AnswerParser;
  private readonly port: number;
  private readonly request: Buffer;
  private readonly requests: Requests;

  constructor(port: number, request: Buffer, requests: Requests) {
    this.port = port;
    this.request = request;
    this.requests = requests;
    this.parser = this.newParser();
  }

  /** @param interval shortest time between two requests, in milliseconds */
  async run(interval: number): Promise<void> {
    while (this.running) {
      const pause = sleep(interval);
      await this.ask().catch(() => {});
      await pause;
    }
  }

  stop(): void {
    this.running = false;
  }

  read(chunk: Buffer): void {
    this.parser.read(chunk);
  }

  closed(): void {
    this.socket = undefined;
    this.parser = this.newParser();
    if (this.answer === undefined) return;
    this.requests.lose(1);
    this.finish();
  }

  /** Returns when the request was answered, or its connection closed. */
  private async ask(): Promise<void> {
    this.socket ??= await connect<Reader>(this.port, this);
    this.answer = Promise.withResolvers<void>();
    const { promise } = this.answer;
    this.requests.begin();
    this.socket.write(this.request);
    await promise;
  }

  private newParser(): AnswerParser {
    return new AnswerParser((answer) => {
      this.requests.receive(answer);
      this.finish();
    });
  }

  private finish(): void {
    this.answer?.resolve();
    this.answer = undefined;
  }
}
