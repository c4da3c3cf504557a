import { Batches, type FrameSender } from "../src/brokers/workers/batches.ts";
import { splitFrames } from "../src/brokers/workers/fields.ts";
import { decodeMainFrame } from "../src/brokers/workers/main-frames.ts";
import { WorkerBroker } from "../src/brokers/workers/worker-broker.ts";
import { decodeWorkerFrame } from "../src/brokers/workers/worker-frames.ts";
import { WorkerLinks } from "../src/brokers/workers/worker-links.ts";
import type { Broker, CreatedStream, Payer, StreamRequest } from "../src/core/broker.ts";
import type { Clock } from "../src/core/clock.ts";
import { IdGenerator } from "../src/core/id-generator.ts";
import type { Message } from "../src/core/message.ts";
import type { CheckedMessage } from "../src/protocol/checked-message.ts";

/** A worker, as its main process and its hub see it. */
interface LinkedWorker {
  readonly broker: WorkerBroker;
  /** Ends it. */
  readonly kill: () => void;
  /** Makes it seem far behind, or not any more. */
  readonly fill: (isFull: boolean) => void;
  /** Makes only its main process see it so. */
  readonly fillAnswers: (isFull: boolean) => void;
}

function senderOf(batches: Batches, state: { readonly isFull: boolean }): FrameSender {
  return {
    send: (frame) => batches.add(frame),
    get isFull() {
      return state.isFull;
    },
  };
}

/** Carries frames as a link does: those of a turn together, in a later turn. */
function carrier(onFrame: (line: string) => void): Batches {
  const batches = new Batches(() => {
    const batch = batches.take();
    setImmediate(() => {
      for (const line of splitFrames(batch)) onFrame(line);
    });
  });
  return batches;
}

/** A main process with its broker, and workers linked to it, all in this process. */
export class LinkedWorkers {
  readonly links: WorkerLinks;
  /** Errors of the broker. */
  readonly errors: unknown[] = [];
  private readonly payers = new Map<string, Payer>();
  private readonly broker: Broker;
  private readonly clock: Clock;

  constructor(broker: Broker, clock: Clock) {
    this.broker = broker;
    this.clock = clock;
    this.links = new WorkerLinks({
      broker,
      clock,
      ids: new IdGenerator(clock, broker.server),
      onError: (error) => this.errors.push(error),
      payerOf: (key) => this.payers.get(key) ?? { key, admitStream() {} },
    });
  }

  /** Returns another worker. */
  open(): LinkedWorker {
    let isAlive = true;
    const answers = { isFull: false };
    const requests = { isFull: false };
    const toMain = carrier((line) => {
      const frame = decodeWorkerFrame(line);
      if (isAlive && frame.kind !== "control") link.onFrame(frame);
    });
    const toWorker = carrier((line) => {
      const frame = decodeMainFrame(line);
      if (isAlive && frame.kind !== "control") broker.onFrame(frame);
    });
    const link = this.links.open(senderOf(toWorker, answers));
    const sender = senderOf(toMain, requests);
    const broker = new DrivenBroker(sender, this.broker, this.links, this.payers, this.clock);
    const kill = () => {
      isAlive = false;
      this.links.closed(link);
    };
    const fillAnswers = (isFull: boolean) => {
      answers.isFull = isFull;
    };
    const fill = (isFull: boolean) => {
      fillAnswers(isFull);
      requests.isFull = isFull;
    };
    return { broker, kill, fill, fillAnswers };
  }
}

/** A worker's broker whose timer is that of the main process, and whose payers the main process knows. */
class DrivenBroker extends WorkerBroker {
  private readonly main: Broker;
  private readonly links: WorkerLinks;
  private readonly payers: Map<string, Payer>;

  constructor(
    sender: FrameSender,
    main: Broker,
    links: WorkerLinks,
    payers: Map<string, Payer>,
    clock: Clock,
  ) {
    super(main.server, sender, clock);
    this.main = main;
    this.links = links;
    this.payers = payers;
  }

  override onTimer(): boolean {
    this.links.onTimer();
    return this.main.onTimer();
  }

  override create(request: StreamRequest): Promise<CreatedStream> {
    this.know(request.payer);
    return super.create(request);
  }

  override publish(stream: string, checked: CheckedMessage, ref?: string, payer?: Payer): Promise<Message> {
    this.know(payer);
    return super.publish(stream, checked, ref, payer);
  }

  private know(payer: Payer | undefined): void {
    if (payer !== undefined) this.payers.set(payer.key, payer);
  }
}
