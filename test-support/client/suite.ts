// The contract of the SDK, over each transport, in each runtime. The cases use only web standards and the SDK.
import type { Cases } from "./check.ts";
import { ENCRYPTED_CASES } from "./encrypted-cases.ts";
import { LISTENING_CASES } from "./listening-cases.ts";
import { LOSS_CASES } from "./loss-cases.ts";
import { PRESENCE_CASES } from "./presence-cases.ts";
import { SENDING_CASES } from "./sending-cases.ts";
import { SHARING_CASES } from "./sharing-cases.ts";
import { STATE_CASES } from "./state-cases.ts";

/** The cases by name. Each leaves the server running and the network unblocked. */
export const CASES: Cases = {
  ...LISTENING_CASES,
  ...SHARING_CASES,
  ...PRESENCE_CASES,
  ...LOSS_CASES,
  ...SENDING_CASES,
  ...STATE_CASES,
  ...ENCRYPTED_CASES,
};
