/**
 * The shell's own syntax tree: what `lower-*.ts` makes of unbash's, with quoting, dialect and lines settled once, so that running
 * a command never looks at source text again.
 */

/** Whose rules a script follows. */
export type Dialect = "dash" | "bash";

/** A word; `literal` is its value where no expansion can change it. */
export interface Word {
  readonly parts: readonly WordPart[];
  readonly literal: string | undefined;
  /** bash: the words that brace expansion makes of it. */
  readonly braces?: readonly Word[] | undefined;
}

/** Text; unquoted text can be a pattern, where a backslash has already become a quoted part. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly quoted: boolean;
}

/** `~` or `~user`. */
export interface TildePart {
  readonly type: "tilde";
  readonly user: string;
}

export interface CommandPart {
  readonly type: "command";
  readonly body: Block;
  readonly quoted: boolean;
}

export interface ArithmeticPart {
  readonly type: "arithmetic";
  readonly expression: Word;
  readonly quoted: boolean;
}

/** bash: `<(…)`. */
export interface ProcessPart {
  readonly type: "process";
  readonly body: Block;
}

/** `$name` and `${…}`. */
export interface ParameterPart {
  readonly type: "parameter";
  readonly name: string;
  readonly quoted: boolean;
  /** `${#name}` */
  readonly length: boolean;
  /** bash: `${!name}` */
  readonly indirect: boolean;
  /** bash: a subscript; `@` and `*` are all elements. */
  readonly index?: Word | undefined;
  readonly operation?: ParameterOperation | undefined;
  readonly text: string;
}

export type ParameterOperation =
  | { readonly type: "default"; readonly operator: "-" | "=" | "+" | "?"; readonly colon: boolean; readonly word: Word }
  | { readonly type: "remove"; readonly suffix: boolean; readonly longest: boolean; readonly word: Word }
  | {
      readonly type: "replace";
      readonly anchor: "" | "#" | "%" | "/";
      readonly pattern: Word;
      readonly replacement: Word;
    }
  | { readonly type: "slice"; readonly offset: Word; readonly length: Word | undefined }
  | { readonly type: "case"; readonly upper: boolean; readonly all: boolean; readonly pattern: Word | undefined }
  | { readonly type: "quote" }
  | { readonly type: "names" }
  | { readonly type: "keys"; readonly all: string }
  /** What is no expansion at all. */
  | { readonly type: "bad" }
  /** What stops the build when it is expanded. */
  | { readonly type: "unsupported" };

export type WordPart = TextPart | TildePart | CommandPart | ArithmeticPart | ProcessPart | ParameterPart;

/** `name=value`, or bash's `name[index]+=value` and `name=(…)`. */
export interface Assignment {
  readonly name: string;
  readonly value: Word;
  readonly append: boolean;
  readonly index: Word | undefined;
  /** bash: the elements of `name=(…)`, each with its `[index]=` where written. */
  readonly elements: readonly { readonly index: Word | undefined; readonly value: Word }[] | undefined;
}

/** A word of a simple command; `assignment` where it has the form of one (for `export a=$b`). */
export interface Argument {
  readonly word: Word;
  readonly assignment: Assignment | undefined;
}

export type RedirectOperator = "<" | ">" | ">>" | "<>" | ">|" | "<&" | ">&" | "here" | "both" | "both-append";

export interface Redirection {
  readonly operator: RedirectOperator;
  readonly descriptor: number;
  /** The file, the descriptor, or the here-document's text. */
  readonly word: Word;
}

/** Commands that run one after the other. */
export interface Block {
  readonly commands: readonly CommandNode[];
}

export interface SimpleCommand {
  readonly type: "simple";
  readonly line: number;
  readonly assignments: readonly Assignment[];
  readonly words: readonly Argument[];
  readonly redirections: readonly Redirection[];
}

export interface FunctionDefinition {
  readonly type: "function";
  readonly line: number;
  readonly name: string;
  readonly body: CommandNode;
}

export interface CaseItem {
  readonly patterns: readonly Word[];
  readonly body: Block;
  /** bash: what follows when it matched: nothing more, the next body, or the next patterns. */
  readonly then: ";;" | ";&" | ";;&";
}

export type CompoundCommand =
  | { readonly type: "block"; readonly body: Block }
  | { readonly type: "subshell"; readonly body: Block; readonly line: number }
  | { readonly type: "background"; readonly command: CommandNode; readonly line: number }
  | { readonly type: "not"; readonly command: CommandNode }
  | { readonly type: "pipeline"; readonly commands: readonly CommandNode[]; readonly stderrToo: readonly boolean[] }
  | { readonly type: "list"; readonly first: CommandNode; readonly rest: readonly ListItem[] }
  | {
      readonly type: "if";
      readonly branches: readonly { readonly condition: Block; readonly body: Block }[];
      readonly otherwise: Block | undefined;
    }
  | { readonly type: "while"; readonly until: boolean; readonly condition: Block; readonly body: Block }
  | {
      readonly type: "for";
      readonly line: number;
      readonly name: string;
      readonly words: readonly Word[] | undefined;
      readonly body: Block;
    }
  | { readonly type: "case"; readonly line: number; readonly word: Word; readonly items: readonly CaseItem[] }
  | {
      readonly type: "redirected";
      readonly line: number;
      readonly command: CommandNode;
      readonly redirections: readonly Redirection[];
    }
  | {
      readonly type: "arithmetic-for";
      readonly line: number;
      readonly initialize: Word;
      readonly test: Word;
      readonly update: Word;
      readonly body: Block;
    }
  | { readonly type: "arithmetic"; readonly line: number; readonly expression: Word }
  | { readonly type: "test"; readonly line: number; readonly expression: TestExpression }
  | { readonly type: "unsupported"; readonly line: number; readonly what: string };

export interface ListItem {
  readonly operator: "&&" | "||";
  readonly command: CommandNode;
}

/** bash: what stands in `[[ … ]]`. */
export type TestExpression =
  | { readonly type: "unary"; readonly operator: string; readonly operand: Word }
  | { readonly type: "binary"; readonly operator: string; readonly left: Word; readonly right: Word }
  | { readonly type: "logical"; readonly operator: "&&" | "||"; readonly operands: readonly TestExpression[] }
  | { readonly type: "not"; readonly operand: TestExpression };

export type CommandNode = SimpleCommand | CompoundCommand | FunctionDefinition;

/** What the shell reads and runs at once: the commands of one or more lines. */
export interface CompleteCommand {
  readonly commands: readonly CommandNode[];
  /** Where it stands in the source, for alias substitution. */
  readonly position: number;
  readonly end: number;
}

/** A script; commands before a syntax error run, as a shell that reads line by line would run them. */
export interface Program {
  readonly source: string;
  readonly dialect: Dialect;
  readonly commands: readonly CompleteCommand[];
  readonly error: SyntaxProblem | undefined;
  /** Whether aliases are substituted in the source already. */
  readonly expanded: boolean;
}

export interface SyntaxProblem {
  readonly line: number;
  readonly message: string;
}
