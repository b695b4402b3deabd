/**
 * Licence expressions: from the short names of a machine-readable copyright file to the syntax of SPDX.
 *
 * Specifications: DEP-5 1.0, "License specification" (`or`, `and`, a comma that binds weaker than both, `with … exception`);
 * SPDX 2.3 annex D.
 */
import { spdxOfException, spdxOfName } from "./licence-names.js";

/** A licence expression that SPDX reads. */
export type Expression =
  | { readonly kind: "licence"; readonly id: string }
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] };

/** How names become identifiers. */
export interface ExpressionContext {
  /** The text that the copyright file has of a name. */
  textOf(name: string): string;
  /** Makes a LicenseRef of a name that SPDX does not know. */
  refer(name: string): string;
}

/** Reads a synopsis such as `GPL-2+ or Artistic, and BSD-3-clause`. What follows no rule is one licence of that name. */
export function parseSynopsis(synopsis: string, context: ExpressionContext): Expression {
  const tokens = tokensOf(synopsis);
  if (tokens === undefined) return { kind: "licence", id: context.refer(synopsis) };
  const parse = (part: readonly Token[], operators: readonly Operator[]): Expression => {
    const [operator, ...rest] = operators;
    if (operator === undefined) return leaf((part[0] as NameToken).name, context);
    const parts: Token[][] = [[]];
    for (const token of part) {
      if (token.kind === "operator" && token.operator === operator) parts.push([]);
      else parts.at(-1)!.push(token);
    }
    const operands = parts.map((one) => parse(one, rest));
    return operands.length === 1 ? operands[0]! : { kind: operator.endsWith("or") ? "or" : "and", operands };
  };
  return parse(tokens, [",or", ",and", "or", "and"]);
}

/** All of several expressions together, each once. */
export function conjunction(expressions: readonly Expression[]): Expression {
  const operands = new Map<string, Expression>();
  for (const expression of expressions) {
    const parts = expression.kind === "and" ? expression.operands : [expression];
    for (const part of parts) operands.set(formatExpression(part), part);
  }
  const [first, ...others] = [...operands.values()];
  return others.length === 0 ? first! : { kind: "and", operands: [first!, ...others] };
}

/** The expression as SPDX writes it. */
export function formatExpression(expression: Expression): string {
  if (expression.kind === "licence") return expression.id;
  const operands = expression.operands.map((operand) =>
    operand.kind === "licence" || operand.kind === expression.kind
      ? formatExpression(operand)
      : `(${formatExpression(operand)})`,
  );
  return [...new Set(operands)].join(expression.kind === "and" ? " AND " : " OR ");
}

type Operator = "and" | "or" | ",and" | ",or";
interface NameToken {
  readonly kind: "name";
  readonly name: string;
}
type Token = NameToken | { readonly kind: "operator"; readonly operator: Operator };

const NAME = /^[A-Za-z0-9][A-Za-z0-9.+_~/'-]*$/;

/** Names and operators by turns; undefined for a text that is no such sequence. */
function tokensOf(synopsis: string): readonly Token[] | undefined {
  const words = synopsis
    .replace(/,\s+(and|or)\s/gi, " ,$1 ")
    .split(/\s+/)
    .filter((word) => word !== "");
  const tokens: Token[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (tokens.length % 2 === 1) {
      const operator = word.toLowerCase();
      if (!["and", "or", ",and", ",or"].includes(operator)) return undefined;
      tokens.push({ kind: "operator", operator: operator as Operator });
      continue;
    }
    if (!NAME.test(word)) return undefined;
    let name = word;
    if (words[at + 1]?.toLowerCase() === "with") {
      const end = words.findIndex((one, index) => index > at + 1 && /^exceptions?$/i.test(one));
      if (end < 0 || words.slice(at + 2, end).some((one) => /^,?(and|or)$/i.test(one))) return undefined;
      name = [word, ...words.slice(at + 1, end + 1)].join(" ");
      at = end;
    }
    tokens.push({ kind: "name", name });
  }
  return tokens.length % 2 === 1 ? tokens : undefined;
}

function leaf(name: string, context: ExpressionContext): Expression {
  const [, base, words] = /^(\S+) with (.+) exceptions?$/i.exec(name) ?? [undefined, name, undefined];
  const id = spdxOfName(base!, context.textOf(name));
  const exception = words === undefined ? undefined : spdxOfException(words);
  if (id === undefined || (words !== undefined && exception === undefined))
    return { kind: "licence", id: context.refer(name) };
  return { kind: "licence", id: exception === undefined ? id : `${id} WITH ${exception}` };
}
