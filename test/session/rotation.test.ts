/** SESSION_SECRETS is replaced as docs/configuration.md says: no visitor notices, and what is left out is revoked. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";
import { parseSessionSecrets } from "../../src/session/session-secrets.ts";

/** The command of the documentation, run in the shell. */
async function documentedSecret(): Promise<string> {
  const command = /^npx (node -p ".*")$/m.exec(readFileSync("docs/configuration.md", "utf8"))?.[1];
  if (command === undefined) throw new Error("no command is documented");
  const env = { ...process.env, PATH: `${dirname(execPath)}:${process.env["PATH"]}` };
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { env });
  return stdout.trim();
}

/** A process that started with these secrets, and was restarted with none of the others' memory. */
async function processWith(upstream: string, secrets: string): Promise<TestGateway> {
  const env = { SESSION_SECRETS: secrets };
  const gateway = await startGateway({ upstream, frontends: { site: `${FRONTEND_YAML}session: required\n` }, env });
  onTestFinished(() => gateway.close());
  return gateway;
}

async function mint(gateway: TestGateway): Promise<string> {
  const answer = await gateway.get("/site/session", { method: "POST", headers: { origin: ORIGIN } });
  return ((await answer.json()) as { readonly token: string }).token;
}

async function codeOf(gateway: TestGateway, token: string): Promise<unknown> {
  const headers = { origin: ORIGIN, authorization: `Bearer ${token}` };
  const answer = await gateway.get("/site/v2/business/search?city=Paris", { headers });
  return answer.status === 200 ? 200 : ((await answer.json()) as { readonly code: string }).code;
}

test("the documented command makes a secret that is taken, another one each time", async () => {
  const secrets = [await documentedSecret(), await documentedSecret()];
  expect(new Set(secrets).size).toBe(2);
  for (const secret of secrets) expect(parseSessionSecrets(secret)).toMatchObject({ isRandom: false, all: [{ kid: expect.any(String) }] });
});

test("add, switch, drop: sessions go on through each step; dropping a secret revokes all that it signed", async () => {
  const upstream = await startRecordingUpstream(() => storableJson({ page: 1, max_page: 1, count: 0, businesses: [] }));
  onTestFinished(() => upstream.close());
  const [old, next] = [`old:${"o".repeat(43)}`, `new:${"n".repeat(43)}`];
  const [before, added, switched, dropped] = await Promise.all(
    [old, `${old},${next}`, `${next},${old}`, next].map((secrets) => processWith(upstream.url, secrets)),
  );
  const ofOld = await mint(before!);
  const ofNew = await mint(switched!);
  // Some processes are a step ahead of others.
  for (const gateway of [before!, added!, switched!]) expect(await codeOf(gateway, ofOld)).toBe(200);
  for (const gateway of [added!, switched!, dropped!]) expect(await codeOf(gateway, ofNew)).toBe(200);
  expect(await codeOf(switched!, await mint(added!))).toBe(200);
  expect([await codeOf(dropped!, ofOld), await codeOf(before!, ofNew)]).toEqual(["session-invalid", "session-invalid"]);
});
