/** How many bytes a page of 50 stores is, as Partoo sends it and as we do. */
import type { World } from "./world.ts";
import { ask } from "./ask.ts";
import { createBrood, startUpstream } from "./contest.ts";
import { partooBff } from "./rivals/partoo-bff.ts";
import { BROWSER_FIELDS, PAGE_PATH } from "./world.ts";

/** Sizes of the content, in bytes. */
export interface PageResult {
  readonly ours: { readonly plain: number; readonly brotli: number };
  /** Coded at the same quality as ours. */
  readonly partoo: { readonly plain: number; readonly brotli: number };
}

const BROTLI = { ...BROWSER_FIELDS, "accept-encoding": "br" };
const PLAIN = { ...BROWSER_FIELDS, "accept-encoding": "identity" };

export async function measurePage(world: World): Promise<PageResult> {
  const brood = createBrood();
  try {
    const upstream = await brood.add(startUpstream(world, { CODED: "1" }));
    const url = `http://127.0.0.1:${upstream.port}`;
    const ours = await brood.add(partooBff.start(world, { url, coded: true }));
    const our = `http://127.0.0.1:${ours.port}${partooBff.prefix}${PAGE_PATH}`;
    return {
      ours: { plain: await size(our, PLAIN), brotli: await size(our, BROTLI) },
      partoo: { plain: await size(`${url}${PAGE_PATH}`, PLAIN), brotli: await size(`${url}${PAGE_PATH}`, BROTLI) },
    };
  } finally {
    await brood.stop();
  }
}

async function size(url: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const { status, headers, body } = await ask(url, fields);
  const coding = headers["content-encoding"] ?? "identity";
  if (status !== 200 || coding !== fields["accept-encoding"]) throw new Error(`${url} answered ${status} in ${coding}`);
  return body.length;
}
