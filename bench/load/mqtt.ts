import type { Protocol } from "./protocol.ts";
import { STREAM_NAME, Template, text } from "./template.ts";

/** Control packet types with their flags (MQTT 3.1.1 §2.2.1). */
const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH_QOS_0 = 0x30;
const SUBSCRIBE = 0x82;
const SUBACK = 0x90;

/** A clean session without keep-alive. The server assigns a client id because ours is empty (§3.1). */
const connect = packet(CONNECT, Buffer.concat([string("MQTT"), Buffer.from([4, 0x02, 0, 0]), string("")]));

/** MQTT 3.1.1 at QoS 0, which acknowledges nothing. */
export const mqtt: Protocol = {
  subscribe: (stream) =>
    Buffer.concat([
      connect,
      packet(SUBSCRIBE, Buffer.concat([Buffer.from([0, 1]), string(stream), Buffer.from([0])])),
    ]),
  // Type, length, packet identifier, granted QoS.
  subscribed: Buffer.from([SUBACK, 3, 0, 1, 0]),
  handshake: { request: connect, reply: Buffer.from([CONNACK, 2, 0, 0]) },
  publish: (textSize) =>
    new Template(packet(PUBLISH_QOS_0, Buffer.concat([string(STREAM_NAME), Buffer.from(text(textSize))]))),
  published: undefined,
};

function string(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)]);
}

function packet(type: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}
