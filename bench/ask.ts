/** One request, and its answer as it was sent: fetch() would take the content coding off. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { buffer } from "node:stream/consumers";

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Content as sent. */
  readonly body: Buffer;
}

/** @param fields sent with it @param agent whose connections are used; default: one of its own */
export async function ask(url: string, fields: Readonly<Record<string, string>> = {}, agent: Agent = new Agent()): Promise<Asked> {
  const [response] = (await once(get(url, { headers: fields, agent }), "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}
