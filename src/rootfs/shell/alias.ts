/**
 * Alias substitution: the shell does it as it reads, so a command is rewritten and parsed again when its turn comes.
 */
import { forEachChild, parse, type SyntaxNode } from "unbash";
import type { Shell } from "./shell.js";
import type { CompleteCommand, Program } from "./syntax.js";

/** Substitutions in one command; an alias does not expand inside its own value, so this is only a guard. */
const ROUNDS = 1000;

/** A stretch of text that came from an alias. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** A command with its aliases substituted; undefined if it has none. */
export function applyAliases(shell: Shell, program: Program, command: CompleteCommand): Program | undefined {
  const { aliases } = shell;
  let text = program.source.slice(command.position, command.end);
  let used: Range[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const hit = findAlias(text, aliases, used);
    if (hit === undefined) break;
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
  if (used.length === 0) return undefined;
  const firstLine = program.source.slice(0, command.position).split("\n").length;
  return shell.process.system.parse(text, { dialect: program.dialect, firstLine, expanded: true });
}

function findAlias(text: string, aliases: ReadonlyMap<string, string>, used: readonly Range[]): Range | undefined {
  let found: Range | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return;
    if (node.type === "Command" && node.name !== undefined) {
      const words = [node.name, ...node.suffix.filter((item) => item.type === "Word")];
      const word = words.find(
        ({ text: name, pos, end }, index) =>
          aliases.has(name) &&
          (index === 0 || followsBlank(used, aliases, pos)) &&
          !used.some((range) => range.name === name && pos >= range.start && end <= range.end),
      );
      if (word !== undefined) {
        found = { start: word.pos, end: word.end, name: word.text };
        return;
      }
    }
    forEachChild(node, visit);
  };
  visit(parse(text));
  return found;
}

/** Whether a word stands right after an alias whose value ends in a blank. */
function followsBlank(used: readonly Range[], aliases: ReadonlyMap<string, string>, position: number): boolean {
  return used.some(
    (range) => /[ \t]$/.test(aliases.get(range.name) ?? "") && position >= range.end && position - range.end <= 1,
  );
}
