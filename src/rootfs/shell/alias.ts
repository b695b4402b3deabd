/**
 * Alias substitution in what the shell has not read yet: the rest of the script is rewritten and parsed again.
 */
import { forEachChild, parse, type SyntaxNode } from "unbash";
import type { Shell } from "./shell.js";
import type { Program } from "./syntax.js";

/** Rounds of substitution in one text; an alias does not expand inside its own value, so this is only a guard. */
const ROUNDS = 1000;

/** The rest of a program from `position` with aliases substituted; undefined if none occurs in it. */
export function applyAliases(shell: Shell, program: Program, position: number): Program | undefined {
  const { aliases } = shell;
  if (aliases.size === 0) return undefined;
  let text = program.source.slice(position);
  // Ranges that came from aliases, with the names that must not expand in them again.
  let used: { start: number; end: number; name: string }[] = [];
  let changed = false;
  for (let round = 0; round < ROUNDS; round++) {
    const hit = findAlias(text, aliases, used);
    if (hit === undefined) break;
    changed = true;
    const value = aliases.get(hit.name)!;
    const shift = value.length - (hit.end - hit.start);
    text = text.slice(0, hit.start) + value + text.slice(hit.end);
    used = used.map((range) => ({
      ...range,
      start: range.start >= hit.end ? range.start + shift : range.start,
      end: range.end >= hit.end ? range.end + shift : range.end,
    }));
    used.push({ start: hit.start, end: hit.start + value.length, name: hit.name });
  }
  if (!changed) return undefined;
  const firstLine = program.source.slice(0, position).split("\n").length;
  return shell.process.system.parse(text, { dialect: program.dialect, firstLine });
}

interface Hit {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

function findAlias(
  text: string,
  aliases: ReadonlyMap<string, string>,
  used: readonly { start: number; end: number; name: string }[],
): Hit | undefined {
  let found: Hit | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return;
    if (node.type === "Command" && node.name !== undefined) {
      const words = [node.name, ...node.suffix.filter((item) => item.type === "Word")];
      for (const [index, word] of words.entries()) {
        if (index > 0 && !followsBlank(used, aliases, word.pos)) break;
        const name = word.text;
        const inside = used.some((range) => range.name === name && word.pos >= range.start && word.end <= range.end);
        if (aliases.has(name) && !inside) {
          found = { start: word.pos, end: word.end, name };
          return;
        }
      }
    }
    forEachChild(node, visit);
  };
  visit(parse(text));
  return found;
}

/** Whether the word stands right after an alias whose value ends in a blank. */
function followsBlank(
  used: readonly { start: number; end: number; name: string }[],
  aliases: ReadonlyMap<string, string>,
  position: number,
): boolean {
  return used.some(
    (range) => /[ \t]$/.test(aliases.get(range.name) ?? "") && position >= range.end && position - range.end <= 1,
  );
}
