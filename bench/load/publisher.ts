import { connect, type Reader } from "./connection.ts";
import { greet } from "./greeting.ts";
import { Outbox } from "./outbox.ts";
import type { Wire } from "./wire.ts";

/** Opens a connection to publish on. */
export async function openPublisher(wire: Wire, port: number, reader: Reader): Promise<Outbox> {
  const { hello } = wire;
  const socket = await (hello === undefined
    ? connect<Reader>(port, reader)
    : greet(port, hello.bytes, hello.answer, reader));
  return new Outbox(socket);
}
