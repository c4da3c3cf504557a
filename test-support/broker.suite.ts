import { describe } from "bun:test";
import { describeCreate } from "./broker/create.ts";
import { describeEnd } from "./broker/end.ts";
import { describeExpiry } from "./broker/expiry.ts";
import { describeList } from "./broker/list.ts";
import { describeMemory } from "./broker/memory.ts";
import { describePage } from "./broker/page.ts";
import { describePayer } from "./broker/payer.ts";
import { describePublish } from "./broker/publish.ts";
import { describeReplay } from "./broker/replay.ts";
import { brokerSetUp, type MakeBroker } from "./broker/set-up.ts";

/** Tests the contract of `Broker`, for brokers that answer synchronously or later. */
export function describeBroker(name: string, make: MakeBroker): void {
  const setUp = brokerSetUp(make);
  describe(name, () => {
    describeCreate(setUp);
    describeList(setUp);
    describePublish(setUp);
    describePage(setUp);
    describeReplay(setUp);
    describeExpiry(setUp);
    describeEnd(setUp);
    describePayer(setUp);
    describeMemory(setUp);
  });
}
