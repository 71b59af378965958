/** Two hundred reloads under load: every answer is right for the policy of its moment, and nothing is left behind. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { startReloader } from "../../src/config/reload.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML } from "../support/proxy.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";

const RELOADS = 200;
const SETTLED = 20;
const CALLERS = 4;
const TARGET = "/store-locator/v2/categories/7";

/** Even policies show `name`, odd ones `gmb_id`. */
const good = (nth: number): string =>
  BFF_YAML.replace("fields: [id, gmb_id, name]", nth % 2 === 0 ? "fields: [id, name]" : "fields: [id, gmb_id]");
const BAD = BFF_YAML.replace("fields: [id, gmb_id, name]", "fields: [id, nmae]");

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapBytes(): number {
  for (let round = 0; round < 3; round += 1) collect();
  return process.memoryUsage().heapUsed;
}

test("each of 200 reloads, good and bad in turn, leaves answers right and the heap as it was", { timeout: 120_000 }, async () => {
  const upstream = await startRecordingUpstream(() => storableJson({ id: 7, gmb_id: "gcid:x", name: "Bakery" }));
  const gateway = await startGateway({ upstream: upstream.url, bff: good(0) });
  const reloader = startReloader({
    directory: gateway.directory,
    devOrigins: [],
    policy: gateway.instance.policy,
    apply: (policy) => {
      gateway.follow(policy);
      return [];
    },
    logger: gateway.instance.logger,
    lookMs: 3_600_000,
  });
  onTestFinished(async () => {
    reloader.close();
    await gateway.close();
    await upstream.close();
  });

  /** The member that the policy shows which runs now. */
  const shown = (): string =>
    gateway.instance
      .policy()
      .keys.get("locator-read")
      ?.routes.find(({ template }) => template.startsWith("/categories"))?.selection.fields[1] ?? "";
  const done = new AbortController();
  const seen = { answers: 0, wrong: [] as unknown[] };
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!done.signal.aborted) {
      const began = shown();
      const answer = (await (await gateway.get(TARGET)).json()) as Record<string, unknown>;
      const ended = shown();
      const members = Object.keys(answer);
      seen.answers += 1;
      if (members.length !== 2 || members[0] !== "id" || ![began, ended].includes(members[1] ?? ""))
        seen.wrong.push([began, members, ended]);
    }
  });

  let heapAfterFew = 0;
  for (let nth = 1; nth <= RELOADS; nth += 1) {
    const isGood = nth % 2 === 1;
    writeFileSync(join(gateway.directory, "bff.yaml"), isGood ? good((nth + 1) / 2) : BAD);
    const { result, faults } = reloader.reload("operator");
    expect([nth, result, faults.length]).toEqual([nth, isGood ? "taken" : "refused", isGood ? 0 : 1]);
    const before = seen.answers;
    while (seen.answers < before + CALLERS) await new Promise((resolve) => setTimeout(resolve, 1));
    gateway.log.length = 0;
    if (nth === SETTLED) heapAfterFew = heapBytes();
  }
  const heapAtEnd = heapBytes();
  done.abort();
  await Promise.all(callers);

  expect(seen.wrong).toEqual([]);
  expect(seen.answers).toBeGreaterThan(RELOADS * CALLERS);
  expect(reloader.counts).toEqual({ taken: RELOADS / 2, refused: RELOADS / 2 });
  expect(heapAtEnd).toBeLessThanOrEqual(heapAfterFew * 1.1);
  // Each form is stored under a name of its own: two calls, however often it changes.
  expect(upstream.requests.length).toBeLessThanOrEqual(4);
});
