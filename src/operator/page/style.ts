/** The page's only style sheet, sent inside it. Colours have a contrast of at least 4.5 on what they stand on, in light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --text: #1c2430; --quiet: #566174; --edge: #d9dee6; --accent: #1f5fbf; --area: #1f5fbf26;
  --good: #17663a; --good-ground: #e2f3e8; --warn: #7a4b00; --warn-ground: #fdf0d5; --bad: #a3162a; --bad-ground: #fde6e8; --plain-ground: #e9ecf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11151b; --card: #1a2029; --text: #e4e9f0; --quiet: #a0acbd; --edge: #303947; --accent: #7fb2ff; --area: #7fb2ff30;
    --good: #7fd6a1; --good-ground: #163524; --warn: #f2c063; --warn-ground: #3a2c0e; --bad: #ff9aa5; --bad-ground: #43191f; --plain-ground: #2a323e;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
a { color: var(--accent); }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere; }
h1, h2, h3, p, dl, ul { margin: 0; }
h1 { font-size: 1.25rem; }
h2 { font-size: 1rem; margin-bottom: 0.75rem; }
h3 { font-size: 0.9rem; font-weight: 600; }
small, .span, .nothing, .hint { color: var(--quiet); font-size: 0.82rem; }
th small, td small, dd small { display: block; font-weight: 400; }
header, main { max-width: 78rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; padding-bottom: 0; }
header > div:first-child { flex: 1 1 20rem; }
header nav { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--card); padding: 0.5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
main { display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); gap: 1rem; }
section { grid-column: span 12; background: var(--card); border: 1px solid var(--edge); border-radius: 0.6rem; padding: 1rem; min-width: 0; }
@media (min-width: 60rem) {
  .seven { grid-column: span 7; } .five { grid-column: span 5; } .six { grid-column: span 6; } .tall { grid-row: span 2; }
}
.bare { background: none; border: 0; padding: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1rem; }
.tile { background: var(--card); border: 1px solid var(--edge); border-radius: 0.6rem; padding: 0.9rem 1rem 0.7rem; }
.tile h3 { color: var(--quiet); font-weight: 500; }
.now { font-size: 1.7rem; font-weight: 600; line-height: 1.3; }
.now small { font-weight: 400; margin-left: 0.5rem; }
svg { display: block; width: 100%; height: 3.75rem; margin-top: 0.3rem; overflow: visible; }
.curve { fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.area { fill: var(--area); }
.limit { stroke: var(--bad); stroke-width: 1.2; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; }
.span { border-top: 1px solid var(--edge); text-align: right; font-size: 0.75rem; }
.wide { position: relative; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem 0.4rem 0; border-top: 1px solid var(--edge); }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--quiet); font-weight: 500; font-size: 0.82rem; vertical-align: bottom; padding-top: 0; }
tbody th { font-weight: 500; overflow-wrap: break-word; }
@media (max-width: 40rem) { table { font-size: 0.85rem; } th, td { padding-right: 0.35rem; } thead th { font-size: 0.72rem; } }
.figure { text-align: right; white-space: nowrap; }
time { white-space: nowrap; }
.badge { display: inline-block; border-radius: 1rem; padding: 0 0.55rem; font-size: 0.8rem; font-weight: 500; white-space: nowrap; }
.badge::before { margin-right: 0.3rem; }
.good { color: var(--good); background: var(--good-ground); } .good::before { content: "✓" / ""; }
.warn { color: var(--warn); background: var(--warn-ground); } .warn::before { content: "!" / ""; }
.bad { color: var(--bad); background: var(--bad-ground); } .bad::before { content: "✕" / ""; }
.plain { background: var(--plain-ground); }
.part + .part { border-top: 1px solid var(--edge); margin-top: 1rem; padding-top: 1rem; }
.part p { margin: 0.35rem 0 0.6rem; }
meter { display: block; width: 100%; height: 0.9rem; }
dl { display: grid; gap: 0.45rem; }
dl div { display: flex; gap: 1rem; justify-content: space-between; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; font-weight: 500; }
ul { padding: 0; list-style: none; }
.refusals { display: grid; gap: 0.7rem; }
.refusals > li { border-top: 1px solid var(--edge); padding-top: 0.6rem; display: grid; gap: 0.2rem 1.5rem; }
.refusals > li:first-child { border-top: 0; padding-top: 0; }
.refusals p small, .examples small { display: block; }
@media (min-width: 60rem) { .refusals > li { grid-template-columns: 20rem 1fr; } }
.examples li, .actions li, .faults li { margin-bottom: 0.3rem; overflow-wrap: anywhere; }
.faults { margin-top: 0.5rem; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: end; }
form.below, details, .below { margin-top: 0.9rem; }
label { display: grid; gap: 0.2rem; font-size: 0.82rem; color: var(--quiet); flex: 1 1 12rem; }
label.whole { flex-basis: 100%; }
input, select, button, .button { font: inherit; height: 2.5rem; color: var(--text); background: var(--card); border: 1px solid var(--quiet); border-radius: 0.4rem; padding: 0.4rem 0.7rem; min-width: 0; }
button, .button { display: inline-flex; align-items: center; cursor: pointer; font-weight: 500; text-decoration: none; }
button.main { background: var(--accent); color: var(--card); border-color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; color: var(--accent); font-size: 0.9rem; }
pre { background: var(--ground); border: 1px solid var(--edge); border-radius: 0.4rem; padding: 0.7rem; overflow-x: auto; margin: 0.4rem 0 0; font: 0.85rem/1.5 ui-monospace, monospace; }
.narrow { max-width: 26rem; grid-column: 1 / -1; }
.verdict { font-size: 1.1rem; margin-bottom: 0.5rem; }
`;
