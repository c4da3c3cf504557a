import { describeBroker } from "../../../test-support/broker.suite.ts";
import { ManualClock } from "../../../test-support/clock.ts";
import { LinkedWorkers } from "../../../test-support/linked-broker.ts";
import { IdGenerator } from "../../core/id-generator.ts";
import { MemoryBroker } from "../memory/broker.ts";

describeBroker("the memory broker seen from a worker", (options) => {
  const clock = new ManualClock();
  const memory = new MemoryBroker(options, new IdGenerator(clock, "test"), clock);
  const { broker } = new LinkedWorkers(memory, clock).open();
  // An answer comes after all news before it.
  return { broker, clock, settle: async () => void (await broker.list(1, "")) };
});
