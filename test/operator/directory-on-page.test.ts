/** What the operator's page says of the directory: refusals of it lead to the line that offers it. */
import { expect, test } from "vitest";
import { storableJson } from "../support/recording-upstream.ts";
import { gatewayFor, startPartoo } from "../cache/partoo.ts";
import { listenerOf } from "./operator.ts";

const FRONTEND = "key: locator-read\norigins: [https://stores.acme.example]\n";

const textOf = async (url: string): Promise<string> => (await (await fetch(url)).text()).replaceAll("&amp;", "&").replaceAll("&quot;", '"');

test("a request to a directory that is not offered is shown by our names, and explained with the line to write", async () => {
  const gateway = await gatewayFor(await startPartoo(), { frontends: { "store-locator": FRONTEND }, locator: { sweep: true } });
  const { url } = await listenerOf(gateway);
  expect((await gateway.get("/store-locator/stores?near=43.296482,5.36978&my-own=1")).status).toBe(404);
  const page = await textOf(url);
  expect(page).toContain("GET /store-locator/stores?near={near}&(unknown)");
  expect(page).not.toMatch(/43\.29|5\.36|my-own/);
  const [, link = ""] = /href="(\/explain\?[^"]+)"/.exec(page) ?? [];
  const explanation = await textOf(url + link);
  expect(explanation).toContain("refused: route-not-allowed");
  expect(explanation).toMatch(/store-locator\.yaml<\/h3>\s*<pre[^>]*>stores: true<\/pre>/);
});

test("an allowed request to the directory is explained as one that asks nothing of Partoo", async () => {
  const frontends = { "store-locator": `${FRONTEND}stores: true\n` };
  const gateway = await gatewayFor(await startPartoo(), { frontends, locator: { sweep: true } });
  const { url } = await listenerOf(gateway);
  const query = new URLSearchParams({ frontend: "store-locator", target: "/stores/c-FR-1", origin: "https://stores.acme.example" });
  const explanation = await textOf(`${url}/explain?${query.toString()}`);
  expect(explanation).toContain("From the stores that are held in memory: never a request to Partoo.");
  expect(explanation).not.toContain("Request to Partoo");
});

test("a directory that is yet to be read says so", async () => {
  const partoo = await startPartoo();
  partoo.fails(() => storableJson({}, { status: 500 }));
  const gateway = await gatewayFor(partoo, { frontends: { "store-locator": `${FRONTEND}stores: true\n` }, locator: { sweep: true } });
  const { url } = await listenerOf(gateway);
  expect(await textOf(url)).toMatch(/Directory of locator-read<\/dt>\s*<dd>\s*<span[^>]*>being read/);
});
