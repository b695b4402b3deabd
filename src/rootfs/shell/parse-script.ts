/**
 * Script text to the shell's own syntax tree, by way of unbash.
 */
import { parse } from "unbash";
import { lowerStatements } from "./lower-command.js";
import { type Problem, Source } from "./lower-source.js";
import type { CompleteCommand, Dialect, Program, SyntaxProblem, Word } from "./syntax.js";

/** How to parse a script. */
export interface ParseOptions {
  readonly dialect: Dialect;
  readonly firstLine?: number;
  /** Aliases are substituted in the text already. */
  readonly expanded?: boolean;
}

/** Parses a script (a byte string). A syntax error is part of the result: the commands before it still run. */
export function parseScript(text: string, options: ParseOptions): Program {
  const source = new Source(text, options);
  const script = parse(text);
  for (const error of script.errors ?? []) source.problem(error.pos, error.message);
  const commands: CompleteCommand[] = [];
  const ends: number[] = [];
  let statements: (typeof script.commands)[number][] = [];
  const flush = (end: number): void => {
    const [first] = statements;
    if (first === undefined) return;
    commands.push({ commands: lowerStatements(source, statements), position: first.pos, end });
    ends.push(statements.at(-1)!.end);
    statements = [];
  };
  for (const statement of script.commands) {
    const previous = statements.at(-1);
    if (previous !== undefined && text.slice(previous.end, statement.pos).includes("\n")) flush(statement.pos);
    statements.push(statement);
  }
  flush(text.length);
  const program = { source: text, dialect: options.dialect, expanded: options.expanded === true };
  const [first] = source.problems.sort((a, b) => a.position - b.position);
  if (first === undefined) return { ...program, commands, error: undefined };
  // What the shell has read before the line of the error still runs.
  const before = commands.filter((_, index) => ends[index]! < first.position);
  const lastEnd = ends[before.length - 1] ?? 0;
  const sameLine = !text.slice(lastEnd, first.position).includes("\n");
  // What is not closed reaches to the end of the text.
  const open = before.length === commands.length && /^unterminated|to close/.test(first.message);
  if (sameLine || open) before.pop();
  return { ...program, commands: before, error: wordError(source, first) };
}

/** Parses text that expands like a here-document (PS4). */
export function parseText(text: string, dialect: Dialect): Word {
  return new Source(text, { dialect }).lowerArithmetic(text, 0);
}

/** dash's wording for the common errors. */
function wordError(source: Source, problem: Problem): SyntaxProblem {
  const { message, line, position } = problem;
  const error = (text: string, at = line): SyntaxProblem => ({ line: at, message: `Syntax error: ${text}` });
  const lastLine = source.line(source.text.length);
  if (message.startsWith("unterminated command") && source.text.startsWith("$((", position))
    return error("Missing '))'", lastLine);
  if (/^unterminated .*quote/.test(message)) return error("Unterminated quoted string", lastLine);
  const unexpected = /^unexpected (?:token|operator) '(.*)'$/s.exec(message)?.[1];
  if (unexpected !== undefined) return error(`${nameToken(unexpected)} unexpected`);
  const closing = /^expected '(.*)' to close/.exec(message)?.[1];
  const expected = closing ?? /^expected '(.*)'$/.exec(message)?.[1];
  const token = closing === undefined ? tokenAt(source.text, position) : "";
  if (expected === undefined && !message.startsWith("expected command")) return error(message);
  const hint = expected === undefined ? "" : ` (expecting "${expected}")`;
  if (token === "") return error(`end of file unexpected${hint}`, lastLine);
  return error(`${nameToken(token)} unexpected${hint}`);
}

function tokenAt(text: string, position: number): string {
  return /^[ \t]*([A-Za-z0-9_]+|;;|&&|\|\||[\s\S])?/.exec(text.slice(position))?.[1] ?? "";
}

function nameToken(token: string): string {
  return token === "\n" ? "newline" : `"${token}"`;
}
