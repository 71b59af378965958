/** The same work without a policy, as one would write it by hand: fastify, undici, parse, pick fields, serialise. */
import { fastify } from "fastify";
import { env, stdout } from "node:process";
import { Pool } from "undici";

const PREFIX = "/store-locator";
/** The fields that the shipped configuration lets through, by the first level. */
const FIELDS =
  "id code name status opening_date address_full city zipcode country lat long open_hours specific_hours categories website_url photos".split(
    " ",
  );

type Store = Readonly<Record<string, unknown>>;

const pool = new Pool(env["UPSTREAM"] ?? "", { allowH2: false });
const server = fastify();

server.get(`${PREFIX}/*`, async (request, reply) => {
  const path = request.url.slice(PREFIX.length);
  const { body } = await pool.request({ method: "GET", path, headers: { "x-apikey": "bench-key" } });
  const answer = (await body.json()) as Store & { readonly businesses?: readonly Store[] };
  const { businesses } = answer;
  const shaped = businesses === undefined ? pick(answer) : { ...answer, businesses: businesses.map(pick) };
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(shaped));
});

stdout.write(`${await server.listen({ port: 0, host: "127.0.0.1" })}\n`);

function pick(store: Store): Store {
  return Object.fromEntries(FIELDS.filter((name) => name in store).map((name) => [name, store[name]]));
}
