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
}

function senderOf(batches: Batches, state: { readonly isFull: boolean }): FrameSender {
  return {
    send: (frame) => batches.send(frame),
    get isFull() {
      return state.isFull;
    },
  };
}

/** A main process with its broker, and workers linked to it, all in this process. */
export class LinkedWorkers {
  readonly links: WorkerLinks;
  private readonly payers = new Map<string, Payer>();
  private readonly broker: Broker;

  constructor(broker: Broker, clock: Clock) {
    this.broker = broker;
    this.links = new WorkerLinks({
      broker,
      clock,
      ids: new IdGenerator(clock, broker.server),
      payerOf: (key) => this.payers.get(key) ?? { key, admitStream() {} },
    });
  }

  /** Returns another worker. */
  open(): LinkedWorker {
    let isAlive = true;
    const state = { isFull: false };
    const toMain = new Batches((batch) => {
      setImmediate(() => {
        if (!isAlive) return;
        for (const line of splitFrames(batch)) {
          const frame = decodeWorkerFrame(line);
          if (frame.kind !== "control") link.onFrame(frame);
        }
      });
    }, setImmediate);
    const toWorker = new Batches((batch) => {
      setImmediate(() => {
        if (!isAlive) return;
        for (const line of splitFrames(batch)) {
          const frame = decodeMainFrame(line);
          if (frame.kind !== "control") broker.onFrame(frame);
        }
      });
    }, setImmediate);
    const link = this.links.open(senderOf(toWorker, state));
    const sender = senderOf(toMain, state);
    const broker = new DrivenBroker(this.broker.server, sender, this.links, this.payers);
    const kill = () => {
      isAlive = false;
      this.links.closed(link);
    };
    return { broker, kill, fill: (isFull) => void (state.isFull = isFull) };
  }
}

/** A worker's broker whose timer is that of the main process, and whose payers the main process knows. */
class DrivenBroker extends WorkerBroker {
  private readonly links: WorkerLinks;
  private readonly payers: Map<string, Payer>;

  constructor(server: string, sender: FrameSender, links: WorkerLinks, payers: Map<string, Payer>) {
    super(server, sender);
    this.links = links;
    this.payers = payers;
  }

  override onTimer(): boolean {
    return this.links.onTimer();
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
