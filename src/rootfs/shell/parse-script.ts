/**
 * Script text to the shell's own syntax tree, by way of unbash.
 */
import { parse } from "unbash";
import { lowerStatements } from "./lower-command.js";
import { type Problem, Source } from "./lower-source.js";
import type { CompleteCommand, Dialect, Program, SyntaxProblem } from "./syntax.js";

/** Parses a script (a byte string). A syntax error is part of the result: the commands before it still run. */
export function parseScript(text: string, options: { dialect: Dialect; firstLine?: number }): Program {
  const source = new Source(text, options);
  const script = parse(text);
  for (const error of script.errors ?? []) source.problem(error.pos, error.message);
  const commands: CompleteCommand[] = [];
  let statements: typeof script.commands = [];
  const flush = (): void => {
    const first = statements[0];
    if (first === undefined) return;
    commands.push({ commands: lowerStatements(source, statements), position: first.pos });
    statements = [];
  };
  for (const statement of script.commands) {
    const previous = statements.at(-1);
    if (previous !== undefined && text.slice(previous.end, statement.pos).includes("\n")) flush();
    statements = [...statements, statement];
  }
  flush();
  const first = source.problems.reduce<Problem | undefined>(
    (least, problem) => (least === undefined || problem.position < least.position ? problem : least),
    undefined,
  );
  if (first === undefined) return { source: text, dialect: options.dialect, commands, error: undefined };
  const after = commands.findIndex((_, index) => (commands[index + 1]?.position ?? Infinity) > first.position);
  const before = commands.slice(0, Math.max(0, after));
  return { source: text, dialect: options.dialect, commands: before, error: wordError(source, first) };
}

/** dash's wording for the common errors. */
function wordError(source: Source, problem: Problem): SyntaxProblem {
  const { message, line } = problem;
  const token = /^unexpected (?:token|operator) '(.*)'$/s.exec(message)?.[1];
  if (token !== undefined) return { line, message: `Syntax error: ${nameToken(token)} unexpected` };
  if (/^unterminated .*quote/.test(message)) return { line, message: "Syntax error: Unterminated quoted string" };
  const expected = /^expected '(.*)' to close/.exec(message)?.[1];
  if (expected !== undefined) {
    const last = source.line(source.text.length);
    return { line: last, message: `Syntax error: end of file unexpected (expecting "${expected}")` };
  }
  return { line, message: `Syntax error: ${message}` };
}

function nameToken(token: string): string {
  return token === "\n" ? "newline" : `"${token}"`;
}
