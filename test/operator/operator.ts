/** A gateway with its operator's listener, and an operator who asks it. */
import { onTestFinished } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { Script } from "../support/recording-upstream.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { Secret } from "../../src/secret.ts";
import type { OperatorServerParts } from "../../src/operator/operator-server.ts";
import { startOperatorServer } from "../../src/operator/operator-server.ts";

/** Never to be seen in an answer or the log. */
export const TOKEN = "operator-canary-5d1c07e2";

/** A page without stores that takes its time, so that several can wait for it. */
export const slowly: Script = (_request, socket) => {
  const page = storableJson({ page: 1, max_page: 1, count: 0, businesses: [] });
  setTimeout(() => socket.write(page), 500);
  return undefined;
};

export interface Listener {
  readonly port: number;
  readonly url: string;
  /** POST /api/purge as the command sends it. @returns status and parsed body */
  purge(target: unknown): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  counters(): Promise<Readonly<Record<string, unknown>>>;
  /** Lines of /metrics that begin with a name, without the name's common beginning. */
  metric(name: string): Promise<readonly string[]>;
}

/** Ends with the test. */
export async function listenerOf(
  { operator }: TestGateway,
  options: { readonly token?: string } & Partial<OperatorServerParts> = {},
): Promise<Listener> {
  const { token: value, ...parts } = options;
  const token = value === undefined ? undefined : new Secret("OPERATOR_TOKEN", value, "here");
  const server = await startOperatorServer({ ...operator, ...parts }, { host: "127.0.0.1", port: 0, token });
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  const authorization = value === undefined ? {} : { authorization: `Bearer ${value}` };
  return {
    port: server.port,
    url,
    async purge(target) {
      const headers = { "content-type": "application/json", ...authorization };
      const answer = await fetch(`${url}/api/purge`, { method: "POST", headers, body: JSON.stringify(target) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    counters: async () => (await (await fetch(`${url}/api/counters`, { headers: authorization })).json()) as Record<string, unknown>,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.startsWith(`partoo_bff_${name}`));
      return lines.map((line) => line.slice(`partoo_bff_${name}`.length)).toSorted();
    },
  };
}
