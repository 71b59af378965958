/** Small pieces of the page: figures, times, tables. Whatever stands in a template is escaped. */
import { html } from "hono/html";

export { html };
/** Markup that is safe to send. */
export type Html = ReturnType<typeof html>;

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const PRECISE = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `1,234` */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `12.3`, and `1,234` from a hundred on. */
export function figure(value: number): string {
  return (value < 100 ? PRECISE : COUNT).format(value);
}

/** `98.7 %`, rounded down so that 100 % means all; `–` where there is nothing to divide by. */
export function percent(ratio: number | undefined): string {
  return ratio === undefined ? "–" : `${PRECISE.format(Math.floor(ratio * 1000 + 1e-9) / 10)} %`;
}

/** `1.5 MB`, powers of 1024. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2 ? `${PRECISE.format(value / 1024)} kB` : `${PRECISE.format(value / 1024 ** 2)} MB`;
}

/** `3 d 4 h`, `2 h 5 min`, `12 s` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const parts = [`${days} d`, `${hours} h`, `${minutes} min`, `${whole % 60} s`];
  const first = [days, hours, minutes].findIndex((part) => part > 0);
  return first === -1
    ? `${whole} s`
    : parts
        .slice(first, first + 2)
        .filter((part) => !part.startsWith("0 "))
        .join(" ");
}

/** Day and time in UTC. @param at milliseconds since 1970 */
export function moment(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/**
 * A table with its caption, which can be scrolled sideways by keyboard as well.
 * @param head names of the columns; those that begin with # hold figures
 * @param nothing what to say when there are no rows
 */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Html[])[], nothing: string): Html {
  if (rows.length === 0) return html`<p class="nothing">${nothing}</p>`;
  const isFigure = (column: number): string => (head[column]?.startsWith("#") === true ? "figure" : "");
  return html`<div class="wide" role="group" tabindex="0" aria-label="${caption}">
    <table>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name, column) => html`<th scope="col" class="${isFigure(column)}">${name.replace("#", "")}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, column) => cellOf(cell, column, isFigure(column)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellOf(cell: Html, column: number, name: string): Html {
  return column === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${name}">${cell}</td>`;
}

/** A path that may be broken after each slash. */
export function path(template: string): Html {
  return html`${template.split("/").map((part, at) => (at === 0 ? part : html`/<wbr />${part}`))}`;
}

/** A word with a mark before it, so that colour is never all there is. */
export function badge(kind: "good" | "warn" | "bad" | "plain", words: string): Html {
  return html`<span class="badge ${kind}">${words}</span>`;
}
