import { expect, test } from "bun:test";
import { Problem } from "../../protocol/problem.ts";
import { testLimits } from "../../../test-support/limits.ts";
import { Clients } from "./clients.ts";

const request = new Request("http://localhost/");

function codeOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return "accepted";
}

test("connections and subscriptions have a total, also for loopback", () => {
  const clients = new Clients(testLimits({ maxConnections: 2, maxSubscriptions: 1 }));
  const client = clients.of(request, "127.0.0.1");
  client.openConnection();
  client.openListener();
  expect(client.isOpen).toBe(true);
  expect(codeOf(() => client.openConnection())).toBe("too_busy");
  expect(codeOf(() => client.openSubscription())).toBe("too_busy");
  client.closeConnection();
  // A listener needs both: without the subscription, the connection is not counted either.
  expect(codeOf(() => client.openListener())).toBe("too_busy");
  expect(codeOf(() => client.openConnection())).toBe("accepted");
  expect(codeOf(() => client.openConnection())).toBe("too_busy");
});
