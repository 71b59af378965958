/** The head of the page: what is going on now, each figure with a chart of the last ten minutes. */
import type { Instance } from "../instance.ts";
import type { Html } from "./markup.ts";
import type { Sample, Series } from "./series.ts";
import { chart } from "./chart.ts";
import { count, duration, figure, html, percent } from "./markup.ts";
import { SERIES_SLOTS } from "./series.ts";

interface Tile {
  readonly name: string;
  readonly now: string;
  readonly beside: string;
  readonly chart: Html;
}

export function overview({ quota }: Pick<Instance, "quota">, series: Series): Html {
  const samples = series.read();
  const span = samples.length === 0 ? "no figures yet" : `last ${duration(samples.reduce((sum, { seconds }) => sum + seconds, 0))}`;
  const tiles = [requestsTile(samples, span), ratioTile(samples, span), ...quota().map((state) => callsTile(state, samples, span))];
  return html`<div class="tiles">
    ${tiles.map(
      (tile) =>
        html`<div class="tile">
          <h3>${tile.name}</h3>
          <p class="now">${tile.now}<small>${tile.beside}</small></p>
          ${tile.chart}
          <p class="span">${span}</p>
        </div>`,
    )}
  </div>`;
}

function requestsTile(samples: readonly Sample[], span: string): Tile {
  const values = samples.map(({ exchangesPerSecond }) => exchangesPerSecond);
  const [now, most] = [figure(values.at(-1) ?? 0), figure(Math.max(0, ...values))];
  return {
    name: "Requests per second",
    now,
    beside: `at most ${most}`,
    chart: chart({ values, slots: SERIES_SLOTS, top: 1, words: `Requests per second, ${span}: now ${now}, at most ${most}.` }),
  };
}

function ratioTile(samples: readonly Sample[], span: string): Tile {
  const values = samples.map(({ hitRatio }) => hitRatio);
  const known = values.filter((value) => value !== undefined);
  const [now, least] = [percent(known.at(-1)), known.length === 0 ? "–" : percent(Math.min(...known))];
  return {
    name: "Answered without waiting for Partoo",
    now,
    beside: `at least ${least}`,
    chart: chart({ values, slots: SERIES_SLOTS, top: 1, words: `Hit ratio, ${span}: now ${now}, at least ${least}.` }),
  };
}

function callsTile(
  { organization, used, available }: ReturnType<Instance["quota"]>[number],
  samples: readonly Sample[],
  span: string,
): Tile {
  const values = samples.map((sample) => sample.used.get(organization) ?? 0);
  const [now, line] = [count(used), count(available)];
  return {
    name: `Calls to Partoo in a minute: ${organization}`,
    now,
    beside: `of ${line}`,
    chart: chart({
      values,
      slots: SERIES_SLOTS,
      top: available,
      line: available,
      words: `Calls of ${organization} that count, ${span}: now ${now}, budget ${line}.`,
    }),
  };
}
