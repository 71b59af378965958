/** Everything secret that a policy needs of the environment, read in one go: at start, and at every reload. */
import type { Variables } from "./environment.ts";
import type { Running } from "./gateway.ts";
import type { KeyValues } from "./key-ring.ts";
import type { Policy } from "./policy.ts";
import { readKeyValues, usedKeys } from "./keys.ts";
import { readServerTokens } from "./server-tokens.ts";
import { readWebhookProofs } from "./webhooks/proofs.ts";

export interface PolicySecrets {
  readonly running: Running;
  /** By name of the key. */
  readonly keys: ReadonlyMap<string, KeyValues>;
  /** One line for each key whose value is missing or unusable. */
  readonly keyFaults: readonly string[];
  /** Of servers and webhooks, likewise. */
  readonly otherFaults: readonly string[];
}

/** @param origin the only origin that the keys' values may be sent to */
export function readPolicySecrets(policy: Policy, env: Variables, origin: string): PolicySecrets {
  const names = usedKeys(policy).map(({ name }) => name);
  const keys = readKeyValues(names, env, origin);
  const servers = readServerTokens(new Set([...policy.frontends.values()].flatMap((frontend) => [...frontend.servers])), env);
  const webhooks = readWebhookProofs(policy.organizations.values(), env);
  return {
    running: { policy, servers: servers.tokens, webhookProofs: webhooks.proofs },
    keys: keys.values,
    keyFaults: keys.faults,
    otherFaults: [...servers.faults, ...webhooks.faults, ...sessionFaults(policy, env)],
  };
}

/** @returns whether the secret of sessions is missing. Sessions signed with a secret that each process makes up for itself are refused by the others, and by itself after a restart. */
export function sessionFaults(policy: Policy, env: Variables): readonly string[] {
  if (env["NODE_ENV"] !== "production" || env["SESSION_SECRETS"]?.trim()) return [];
  const names = [...policy.frontends.values()].filter(({ session }) => session !== "none").map(({ name }) => name);
  return names.length === 0
    ? []
    : [`SESSION_SECRETS: is missing; sessions of ${names.join(", ")} are signed with it: kid:base64url of 32 random bytes`];
}
