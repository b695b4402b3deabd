/**
 * An awk program, parsed.
 */

/** What can be assigned to. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "element"; readonly name: string; readonly subscripts: readonly Expression[] }
  | { readonly kind: "field"; readonly index: Expression };

/** An expression. */
export type Expression =
  | Target
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string; readonly line?: number }
  | { readonly kind: "regex"; readonly source: string; readonly line: number }
  /** A list in parentheses: the arguments of print, or subscripts before `in`. */
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  /** One expression in parentheses: it cannot be assigned to. */
  | { readonly kind: "group"; readonly item: Expression }
  | { readonly kind: "unary"; readonly operator: "!" | "-" | "+"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "concatenation"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "match"; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "in"; readonly subscripts: readonly Expression[]; readonly array: string }
  | { readonly kind: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  /** `operator` is empty for a plain assignment. */
  | { readonly kind: "assignment"; readonly operator: string; readonly target: Target; readonly value: Expression }
  | { readonly kind: "increment"; readonly delta: 1 | -1; readonly prefix: boolean; readonly target: Target }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "builtin"; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: "getline";
      readonly from: "input" | "file" | "command";
      readonly source: Expression | undefined;
      readonly target: Target | undefined;
    };

/** Where print and printf go. */
export interface Redirection {
  readonly kind: ">" | ">>" | "|";
  readonly target: Expression;
}

/** A statement. */
export type Statement =
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
      readonly kind: "print" | "printf";
      readonly args: readonly Expression[];
      readonly redirection: Redirection | undefined;
    }
  | { readonly kind: "if"; readonly test: Expression; readonly yes: Statement; readonly no: Statement | undefined }
  | { readonly kind: "while" | "do"; readonly test: Expression; readonly body: Statement }
  | {
      readonly kind: "for";
      readonly start: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: Statement;
    }
  | { readonly kind: "for-in"; readonly name: string; readonly array: string; readonly body: Statement }
  | { readonly kind: "next" | "nextfile" | "break" | "continue" }
  | { readonly kind: "exit" | "return"; readonly value: Expression | undefined }
  | { readonly kind: "delete"; readonly array: string; readonly subscripts: readonly Expression[] | undefined };

/** A pattern with its action. */
export interface Rule {
  readonly pattern:
    | { readonly kind: "always" }
    | { readonly kind: "expression"; readonly test: Expression }
    | { readonly kind: "range"; readonly from: Expression; readonly to: Expression };
  /** Undefined prints the record. */
  readonly action: Statement | undefined;
}

/** A function definition. */
export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Statement;
}

/** A whole program. */
export interface AwkProgram {
  readonly begin: readonly Statement[];
  readonly end: readonly Statement[];
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
}

/** A program that is not valid; the message is mawk's, without its name. */
export class AwkError extends Error {
  override readonly name = "AwkError";
}
