import { connect, type Reader } from "./connection.ts";
import { openWithHandshake } from "./handshake.ts";
import type { Protocol } from "./protocol.ts";
import { WriteBuffer } from "./write-buffer.ts";

/** Opens a connection to publish on. */
export async function openPublisher(protocol: Protocol, port: number, reader: Reader): Promise<WriteBuffer> {
  const { handshake } = protocol;
  const socket = await (handshake === undefined
    ? connect<Reader>(port, reader)
    : openWithHandshake(port, handshake.request, handshake.reply, reader));
  return new WriteBuffer(socket);
}
