import type { Message } from "../../core/message.ts";
import { Problem } from "../../protocol/problem.ts";
import { readRef, readStream } from "../../protocol/query.ts";
import { checkText } from "../../protocol/text.ts";
import { created } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `POST /messages`: publishes a message. Returns no promise if the broker returns none: see docs/adr/0002. */
export function publish({ hub, parameters, client }: RequestContext): Response | Promise<Response> {
  const stream = readStream(parameters);
  const text = checkText(parameters.get("text") ?? "");
  const ref = readRef(parameters);
  const server = parameters.get("server");
  if (server !== undefined && server !== hub.server) throw new Problem("server_changed");
  client.admitMessage(stream, text.text);
  const message = hub.publish(stream, text, ref, client.payer);
  return message instanceof Promise ? message.then(answer) : answer(message);
}

function answer(message: Message): Response {
  return created(message.json);
}
