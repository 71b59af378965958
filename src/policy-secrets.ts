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
    otherFaults: [...servers.faults, ...webhooks.faults],
  };
}
