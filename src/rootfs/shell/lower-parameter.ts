/**
 * `$x` and `${…}` of unbash's syntax tree to the shell's own.
 */
import type * as unbash from "unbash";
import type { Source } from "./lower-source.js";
import { lowerWord, type Quoting } from "./lower-word.js";
import type { ParameterOperation, ParameterPart, Word } from "./syntax.js";

/** `$x` */
export function lowerSimpleParameter(name: string, quoted: boolean): ParameterPart {
  return { type: "parameter", name, quoted, length: false, indirect: false, text: `$${name}` };
}

/** `${…}`; what dash does not know becomes its run-time error "Bad substitution". */
export function lowerParameter(source: Source, part: unbash.ParameterExpansionPart, quoting: Quoting): ParameterPart {
  const bash = source.dialect === "bash";
  const base = {
    type: "parameter",
    name: part.parameter,
    quoted: quoting !== "bare",
    length: part.prefix === "#",
    indirect: part.prefix === "!",
    text: part.text,
  } as const;
  const known = part.index === undefined && part.prefix !== "!";
  if (part.parameter === "" || (!bash && !known) || (base.length && part.operation !== undefined))
    return { ...base, operation: { type: "bad" } };
  const index = part.index === undefined ? undefined : lowerWord(source, part.index, { tilde: "none" });
  if (part.prefix === "!" && (index?.literal === "@" || index?.literal === "*" || isAll(index))) {
    return { ...base, indirect: false, operation: { type: "keys", all: part.index!.text } };
  }
  const operation = part.operation === undefined ? undefined : lowerOperation(source, part.operation, quoting);
  return { ...base, index, operation };
}

/** Whether a subscript is `*`, which is a pattern character and so no literal. */
function isAll(index: Word | undefined): boolean {
  const part = index?.parts[0];
  return index?.parts.length === 1 && part?.type === "text" && (part.text === "*" || part.text === "@");
}

function lowerOperation(source: Source, operation: unbash.ParameterOperation, quoting: Quoting): ParameterOperation {
  const quoted = quoting !== "bare";
  const pattern = (word: unbash.Word): Word => lowerWord(source, word, { tilde: "none" });
  switch (operation.type) {
    case "Default": {
      const colon = operation.operator.length === 2;
      const options = quoted ? ({ quoting, operand: true, tilde: "none" } as const) : {};
      return {
        type: "default",
        operator: operation.operator.at(-1) as "-" | "=" | "+" | "?",
        colon,
        word: lowerWord(source, operation.operand, options),
      };
    }
    case "Remove":
      return {
        type: "remove",
        suffix: operation.operator.startsWith("%"),
        longest: operation.operator.length === 2,
        word: pattern(operation.operand),
      };
    default:
      return source.dialect === "bash" ? lowerBashOperation(source, operation, pattern) : { type: "bad" };
  }
}

function lowerBashOperation(
  source: Source,
  operation: Exclude<unbash.ParameterOperation, { type: "Default" | "Remove" }>,
  pattern: (word: unbash.Word) => Word,
): ParameterOperation {
  switch (operation.type) {
    case "Replace":
      return {
        type: "replace",
        anchor: operation.operator.slice(1) as "" | "#" | "%" | "/",
        pattern: pattern(operation.pattern),
        replacement: pattern(operation.replacement),
      };
    case "Slice":
      return {
        type: "slice",
        offset: source.lowerArithmetic(operation.offset.text, operation.offset.pos),
        length:
          operation.length === undefined
            ? undefined
            : source.lowerArithmetic(operation.length.text, operation.length.pos),
      };
    case "CaseModification":
      return {
        type: "case",
        upper: operation.operator.startsWith("^"),
        all: operation.operator.length === 2,
        pattern: operation.operand === undefined ? undefined : pattern(operation.operand),
      };
    case "Names":
      return { type: "names" };
    case "Transform":
      return { type: operation.operand.text === "Q" ? "quote" : "bad" };
    default:
      return { type: "bad" };
  }
}
