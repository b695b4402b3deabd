/**
 * The differences as one HTML page without scripts or anything from elsewhere.
 */
import { printable } from "../inspect/render-text.js";
import { type Difference, formatDifference } from "./difference.js";

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:80rem}
h1{font-size:1.2rem}table{border-collapse:collapse;width:100%}td{border-top:1px solid #ccc;padding:.3rem .5rem;vertical-align:top}
td:first-child{color:#666;white-space:nowrap}pre{margin:.3rem 0;white-space:pre-wrap;word-break:break-all}
del{background:#fdd;text-decoration:none;display:block}ins{background:#dfd;text-decoration:none;display:block}`;

/** The page, piece by piece. */
export function* renderHtml(names: readonly [string, string], differences: Iterable<Difference>): Generator<string> {
  const title = `${names[0]} ≠ ${names[1]}`;
  yield `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style>\n<h1>${escaped(title)}</h1>\n<table>\n`;
  let count = 0;
  for (const difference of differences) {
    count++;
    const { kind, lines } = difference;
    yield `<tr><td>${escaped(kind)}</td><td>${escaped(formatDifference(difference))}`;
    if (lines !== undefined) {
      const shown = [
        ...lines.left.map((line) => `<del>- ${escaped(printable(line))}</del>`),
        ...lines.right.map((line) => `<ins>+ ${escaped(printable(line))}</ins>`),
      ];
      yield `<pre>${shown.join("")}</pre>`;
    }
    yield "</td></tr>\n";
  }
  yield `</table>\n<p>${count === 0 ? "The two are equal." : `${count} ${count === 1 ? "difference" : "differences"}.`}</p>\n</html>\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
