import type { Message } from "../core/message.ts";
import { readStream } from "../protocol/query.ts";
import { checkText } from "../protocol/text.ts";
import { created } from "./respond.ts";
import type { Exchange } from "./exchange.ts";

/** `POST /messages`. Answers at once where the broker does: see docs/adr/0002. */
export function publish({ hub, parameters }: Exchange): Response | Promise<Response> {
  const stream = readStream(parameters);
  const message = hub.publish(stream, checkText(parameters.get("text") ?? ""));
  return message instanceof Promise ? message.then(answer) : answer(message);
}

function answer(message: Message): Response {
  return created(message.json);
}
