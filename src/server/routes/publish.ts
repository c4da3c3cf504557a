import type { Message } from "../../core/message.ts";
import { checkMessage } from "../../protocol/checked-message.ts";
import { Problem } from "../../protocol/problem.ts";
import { readRef } from "../../protocol/query.ts";
import { created } from "../http/responses.ts";
import type { RequestContext } from "../http/request-context.ts";

/** `POST /messages`: publishes a message. Returns no promise if the broker returns none: see docs/adr/0002. */
export function publish(context: RequestContext): Response | Promise<Response> {
  const { hub, parameters } = context;
  const stream = context.streamFor("writer");
  const checked = checkMessage(stream, parameters.get("text") ?? "", parameters.get("name"));
  const ref = readRef(parameters);
  const server = parameters.get("server");
  if (server !== undefined && server !== hub.server) throw new Problem("server_changed");
  const { client } = context;
  client.admitMessage(stream, checked);
  const message = hub.publish(stream, checked, ref, client.payer);
  return message instanceof Promise ? message.then(answer) : answer(message);
}

function answer(message: Message): Response {
  return created(message.json);
}
