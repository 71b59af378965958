/** The command `keys` in this process, against a sandbox or any other Partoo, with a configuration written for the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runKeys } from "../../src/commands/keys.ts";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { SandboxKey } from "../../src/sandbox/keys.ts";

/** Values that must never be seen: of the administrator's key, and of the configured one. */
export const ADMIN = "canary-admin-4f8e21c07b";
export const VALUE = "canary-value-9d03aa57e1";
export const NEXT = "canary-next-71b6c20f4d";

/** Needs `review_read`, and nothing else. */
export const REVIEWS_BFF = bff(
  `{ GET /business/search: { fields: [id] }, GET /reviews: { fields: [id, rating] } }`,
  "permissions: [review_read]",
);

/** One key, `reader`, with these routes. */
export function bff(allow: string, more = ""): string {
  return `version: 1
organizations: { acme: {} }
keys:
  reader:
    organization: acme
    ${more}
    allow: ${allow}
`;
}

const FRONTEND = "key: reader\norigins: [https://stores.acme.example]\n";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface KeysRig {
  /** `keys ARGV…` with PARTOO_URL and PARTOO_ADMIN_KEY set; `env` wins. */
  run(argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<Ran>;
  /** Codes that `audit --json` finds, with the text of every finding. */
  audit(env?: Readonly<Record<string, string>>): Promise<{ readonly codes: readonly string[]; readonly ran: Ran }>;
  remove(): void;
}

/** @param url for PARTOO_URL */
export function createKeysRig(url: string, yaml = REVIEWS_BFF, deadlineMs = 10_000): KeysRig {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-keys-"));
  mkdirSync(join(directory, "frontends"));
  writeFileSync(join(directory, "bff.yaml"), yaml);
  writeFileSync(join(directory, "frontends", "site.yaml"), FRONTEND);
  const run: KeysRig["run"] = async (argv, env = {}) => {
    const [out, err]: [string[], string[]] = [[], []];
    const io = {
      stdout: (line: string) => void out.push(line),
      stderr: (line: string) => void err.push(line),
      env: { PARTOO_URL: url, PARTOO_ADMIN_KEY: ADMIN, ...env },
      signal: new AbortController().signal,
    };
    const code = await runKeys([...argv, "--config", directory], io, { deadlineMs });
    return { code, out: out.join("\n"), err: err.join("\n") };
  };
  return {
    run,
    async audit(env) {
      const ran = await run(["audit", "--json"], env);
      const { keys } = JSON.parse(ran.out) as { keys: { findings: { code: string }[] }[] };
      return { codes: keys.flatMap(({ findings }) => findings.map(({ code }) => code)), ran };
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** A day so many days from today, UTC. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, "2026-01-31".length);
}

/** The administrator's key of the first organization. */
export const ADMIN_KEY: SandboxKey = { value: ADMIN, label: "Admin", organization: 42, type: "bot", role: "ORG_ADMIN", private: true };

/** A key without a defect for REVIEWS_BFF. */
export const SOUND_KEY: SandboxKey = {
  value: VALUE,
  label: "reader",
  organization: 42,
  type: "bot",
  role: "ORG_ADMIN",
  permissions: ["review_read"],
  ipWhitelist: ["127.0.0.0/8"],
  lastUsed: `${inDays(0)} 00:00:01.000000+00`,
};

/** Writes that reached the sandbox. */
export function writes(sandbox: RunningSandbox): readonly string[] {
  return sandbox.lastCalls().filter((line) => !line.startsWith("GET "));
}
