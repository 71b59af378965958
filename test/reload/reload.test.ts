/** A running server follows the content of its configuration, whole or not at all. */
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RecordedRequest, Script } from "../support/recording-upstream.ts";
import type { ServerProcess } from "../support/cli.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

const CATEGORIES = "/store-locator/v2/categories/7";
const WITH_ROUTE = BFF_YAML;
const WITHOUT_ROUTE = BFF_YAML.replace(/ {6}GET \/categories[^\n]*\n[^\n]*\n/, "");
/** A configuration that no one could serve: three mistakes. */
const BROKEN = WITH_ROUTE.replace("fields: [id, gmb_id, name]", "fields: [id, nmae]")
  .replace("city: {}", "ctiy: {}")
  .replace("quota:", "qouta:");

const answer: Script = ({ target }: RecordedRequest) =>
  json(target.startsWith("/v2/categories") || target.includes("/categories/") ? { id: 7, gmb_id: "gcid:x", name: "Bakery" } : {});

async function serving(bff: string, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const upstream = await startRecordingUpstream(answer);
  const server = await startServerProcess({ upstream: upstream.url, bff, env });
  onTestFinished(async () => {
    await server.stop();
    await upstream.close();
  });
  return server;
}

const statusOf = async ({ url }: ServerProcess, target = CATEGORIES, origin = ORIGIN): Promise<number> => {
  const response = await fetch(url + target, { headers: { origin } });
  await response.arrayBuffer();
  return response.status;
};

const reloadsIn = (server: ServerProcess): readonly unknown[] =>
  server.log().flatMap(({ reload }) => (reload === undefined ? [] : [reload]));

describe("a server whose configuration changes", () => {
  test("takes it over without a restart when the file was written in place", async () => {
    const server = await serving(WITHOUT_ROUTE);
    expect(await statusOf(server)).toBe(404);
    writeFileSync(join(server.config, "bff.yaml"), WITH_ROUTE);
    await until(async () => (await statusOf(server)) === 200);
    await until(() => reloadsIn(server).length === 1);
    expect(reloadsIn(server)).toEqual(["taken"]);
  });

  test("and when an editor renamed a new file over the old one", async () => {
    const server = await serving(WITH_ROUTE);
    expect(await statusOf(server)).toBe(200);
    writeFileSync(join(server.config, "bff.yaml.swp"), WITHOUT_ROUTE);
    renameSync(join(server.config, "bff.yaml.swp"), join(server.config, "bff.yaml"));
    await until(async () => (await statusOf(server)) === 404);
  });

  test("and when the links of a ConfigMap were swapped", async () => {
    const server = await serving(WITH_ROUTE);
    const { config } = server;
    for (const [version, bff] of Object.entries({ v1: WITH_ROUTE, v2: WITHOUT_ROUTE })) {
      mkdirSync(join(config, `..${version}`));
      writeFileSync(join(config, `..${version}`, "bff.yaml"), bff);
    }
    symlinkSync("..v1", join(config, "..data"));
    unlinkSync(join(config, "bff.yaml"));
    symlinkSync(join("..data", "bff.yaml"), join(config, "bff.yaml"));
    expect(await statusOf(server)).toBe(200);
    symlinkSync("..v2", join(config, "..data_tmp"));
    renameSync(join(config, "..data_tmp"), join(config, "..data"));
    await until(async () => (await statusOf(server)) === 404);
  });

  test("takes a new frontend, and drops one whose file is gone", async () => {
    const server = await serving(WITH_ROUTE);
    writeFileSync(join(server.config, "frontends/kiosk.yaml"), FRONTEND_YAML);
    server.signal("SIGHUP");
    await until(async () => (await statusOf(server, "/kiosk/v2/categories/7")) === 200);
    rmSync(join(server.config, "frontends/kiosk.yaml"));
    server.signal("SIGHUP");
    await until(async () => (await statusOf(server, "/kiosk/v2/categories/7")) === 404);
    expect(await statusOf(server)).toBe(200);
  });

  test("at SIGHUP looks at once, and says so when there is nothing new", async () => {
    const server = await serving(WITH_ROUTE);
    server.signal("SIGHUP");
    await until(() => server.log().some(({ msg }) => msg === "the configuration is the same"));
    writeFileSync(join(server.config, "bff.yaml"), WITHOUT_ROUTE);
    server.signal("SIGHUP");
    await until(async () => (await statusOf(server)) === 404);
    await until(() => reloadsIn(server).length === 2);
    expect(reloadsIn(server)).toEqual(["unchanged", "taken"]);
  });
});

describe("a configuration that is refused", () => {
  test("changes nothing, is told with every fault, and gives way to a sound one", async () => {
    const server = await serving(WITH_ROUTE);
    writeFileSync(join(server.config, "bff.yaml"), BROKEN);
    server.signal("SIGHUP");
    await until(() => reloadsIn(server).length === 1);
    const line = server.log().find(({ reload }) => reload === "refused");
    const file = join(server.config, "bff.yaml");
    const lineOf = (text: string): number => BROKEN.split("\n").findIndex((written) => written.includes(text)) + 1;
    const faults = line?.["faults"] as readonly string[];
    expect(faults.map((fault) => fault.split(":").slice(0, 2).join(":"))).toEqual(
      ["qouta", "ctiy", "nmae"].map((word) => `${file}:${lineOf(word)}`),
    );
    expect(await statusOf(server)).toBe(200);
    writeFileSync(join(server.config, "bff.yaml"), WITHOUT_ROUTE);
    server.signal("SIGHUP");
    await until(async () => (await statusOf(server)) === 404);
  });

  test("because one of its own tests fails", async () => {
    const server = await serving(WITHOUT_ROUTE);
    mkdirSync(join(server.config, "tests"));
    const expected = `- { name: shut, frontend: store-locator, request: GET /v2/categories/7, origin: ${ORIGIN}, expect: { decision: refused, code: route-not-allowed } }\n`;
    writeFileSync(join(server.config, "tests/site.yaml"), expected);
    writeFileSync(join(server.config, "bff.yaml"), WITH_ROUTE);
    server.signal("SIGHUP");
    await until(() => reloadsIn(server).includes("refused"));
    const faults = server.log().find(({ reload }) => reload === "refused")?.["faults"];
    expect(faults).toEqual([expect.stringMatching(/tests\/site\.yaml:1:3: test failed: shut$/)]);
    expect(await statusOf(server)).toBe(404);
  });

  test("because the environment has no value for a key that it uses", async () => {
    const server = await serving(WITH_ROUTE);
    const other = WITH_ROUTE.replace("locator-read:", "other-read:");
    writeFileSync(join(server.config, "frontends/store-locator.yaml"), FRONTEND_YAML.replace("locator-read", "other-read"));
    writeFileSync(join(server.config, "bff.yaml"), other);
    server.signal("SIGHUP");
    await until(() => server.log().some((line) => JSON.stringify(line).includes("PARTOO_KEY_OTHER_READ")));
    expect(await statusOf(server)).toBe(200);
  });
});

test("an exchange under way finishes on the policy that it began with", async () => {
  const held: Socket[] = [];
  const upstream = await startRecordingUpstream((_request, socket) => void held.push(socket));
  const server = await startServerProcess({ upstream: upstream.url });
  onTestFinished(async () => {
    await server.stop();
    await upstream.close();
  });
  const ask = (): Promise<Response> => fetch(server.url + CATEGORIES, { headers: { origin: ORIGIN } });
  const release = async (asked: number): Promise<void> => {
    await until(() => held.length === asked);
    held.at(-1)?.write(json({ id: 7, gmb_id: "gcid:x", name: "Bakery" }));
  };
  const before = ask();
  await until(() => held.length === 1);
  writeFileSync(join(server.config, "bff.yaml"), WITH_ROUTE.replace("[id, gmb_id, name]", "[id, name]"));
  server.signal("SIGHUP");
  await until(() => reloadsIn(server).includes("taken"));
  await release(1);
  expect(await (await before).json()).toEqual({ id: 7, gmb_id: "gcid:x", name: "Bakery" });
  const after = ask();
  await release(2);
  expect(await (await after).json()).toEqual({ id: 7, name: "Bakery" });
});
