/**
 * Parses the expression of find(1): operators, options, tests and actions of findutils 4.10.
 */
import type { Tool } from "../tool.js";
import { makeAction } from "./actions.js";
import type { FindExpression, FindState, Predicate } from "./expression.js";
import { makeTest } from "./tests.js";

/** What the predicates are made with. */
export interface FindContext {
  readonly tool: Tool;
  readonly state: FindState;
  /** -P, -H or -L. */
  readonly follow: "never" | "command-line" | "always";
}

/** Reads the arguments of a predicate. */
export interface Arguments {
  /** The predicate's own name. */
  readonly name: string;
  /** The next argument. */
  next(): string;
  /** The arguments up to a `;`, or to `{}` and `+`. */
  command(): { readonly words: readonly string[]; readonly batch: boolean };
}

const GLOBAL_OPTIONS = new Set([
  "-maxdepth",
  "-mindepth",
  "-depth",
  "-follow",
  "-d",
  "-xdev",
  "-mount",
  "-noleaf",
  "-ignore_readdir_race",
  "-noignore_readdir_race",
]);
const POSITIONAL_OPTIONS = new Set(["-daystart", "-warn", "-nowarn", "-regextype"]);

/** Parses all arguments behind the starting points. */
export function parseExpression(context: FindContext, args: readonly string[]): FindExpression {
  return new Parser(context, args).parse();
}

class Parser {
  private at = 0;
  private minDepth = 0;
  private maxDepth = Number.POSITIVE_INFINITY;
  private depthFirst = false;
  private acts = false;
  private regexType = "findutils-default";
  private readonly finishers: (() => undefined)[] = [];
  private readonly context: FindContext;
  private readonly args: readonly string[];

  constructor(context: FindContext, args: readonly string[]) {
    this.context = context;
    this.args = args;
  }

  parse(): FindExpression {
    const parsed = this.args.length === 0 ? () => true : this.list();
    if (this.at < this.args.length) {
      if (this.args[this.at] === ")") this.fail("you have too many ')'");
      this.fail(`paths must precede expression: \`${this.args[this.at]}'`);
    }
    const { tool } = this.context;
    const evaluate: Predicate = this.acts
      ? parsed
      : (visit) => {
          if (parsed(visit)) tool.out(`${visit.path}\n`);
          return true;
        };
    return {
      evaluate,
      minDepth: this.minDepth,
      maxDepth: this.maxDepth,
      depthFirst: this.depthFirst,
      finish: () => {
        for (const finish of this.finishers) finish();
      },
    };
  }

  private fail(message: string): never {
    return this.context.tool.die(message);
  }

  private peek(): string | undefined {
    return this.args[this.at];
  }

  private list(): Predicate {
    let left = this.or();
    while (this.peek() === ",") {
      this.at++;
      const [first, second] = [left, this.or()];
      left = (visit) => {
        first(visit);
        return second(visit);
      };
    }
    return left;
  }

  private or(): Predicate {
    let left = this.and();
    while (this.peek() === "-o" || this.peek() === "-or") {
      this.at++;
      const [first, second] = [left, this.and()];
      left = (visit) => first(visit) || second(visit);
    }
    return left;
  }

  private and(): Predicate {
    let left = this.not();
    for (;;) {
      const word = this.peek();
      if (word === undefined || word === ")" || word === "," || word === "-o" || word === "-or") return left;
      if (word === "-a" || word === "-and") this.at++;
      const [first, second] = [left, this.not()];
      left = (visit) => first(visit) && second(visit);
    }
  }

  private not(): Predicate {
    const word = this.args[this.at++];
    if (word === undefined) {
      const operator = this.args[this.at - 2];
      return this.fail(`expected an expression after '${operator}'`);
    }
    if (word === "!" || word === "-not") {
      const inner = this.not();
      return (visit) => !inner(visit);
    }
    if (word === "(") {
      if (this.peek() === ")") this.fail("invalid expression; empty parentheses are not allowed.");
      if (this.peek() === undefined)
        this.fail(
          "invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('",
        );
      const inner = this.list();
      if (this.args[this.at++] !== ")") {
        this.fail("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
      }
      return inner;
    }
    if (["-o", "-or", "-a", "-and", ","].includes(word)) {
      return this.fail(`invalid expression; you have used a binary operator '${word}' with nothing before it.`);
    }
    if (word === ")") {
      return this.fail("invalid expression; you have too many ')'");
    }
    return this.predicate(word);
  }

  private predicate(name: string): Predicate {
    const args = this.argumentsOf(name);
    if (GLOBAL_OPTIONS.has(name) || POSITIONAL_OPTIONS.has(name)) return this.option(name, args);
    if (!name.startsWith("-") || name === "-") this.fail(`paths must precede expression: \`${name}'`);
    const test = makeTest(this.context, args, this.regexType);
    if (test !== undefined) return test;
    const action = makeAction(this.context, args);
    if (action === undefined) return this.fail(`unknown predicate \`${name}'`);
    if (action.needsDepth) this.depthFirst = true;
    if (action.finish !== undefined) this.finishers.push(action.finish);
    // -prune and -quit do not keep the default -print away.
    if (action.suppressesPrint) this.acts = true;
    return action.run;
  }

  private option(name: string, args: Arguments): Predicate {
    const { tool } = this.context;
    const depth = (): number => {
      const text = args.next();
      if (!/^[0-9]+$/.test(text))
        tool.die(`Expected a positive decimal integer argument to ${name}, but got '${text}'`);
      return Number(text);
    };
    if (name === "-maxdepth") this.maxDepth = depth();
    else if (name === "-mindepth") this.minDepth = depth();
    else if (name === "-depth" || name === "-d") this.depthFirst = true;
    else if (name === "-regextype") this.regexType = args.next();
    return () => true;
  }

  private argumentsOf(name: string): Arguments {
    const missing = (): never => this.fail(`missing argument to \`${name}'`);
    return {
      name,
      next: () => this.args[this.at++] ?? missing(),
      command: () => {
        const words: string[] = [];
        for (;;) {
          const word = this.args[this.at++];
          if (word === undefined) return missing();
          if (word === ";" && words.length > 0) return { words, batch: false };
          if (word === ";") return this.fail(`invalid argument \`;' to \`${name}'`);
          if (word === "+" && words.at(-1) === "{}") return { words: words.slice(0, -1), batch: true };
          words.push(word);
        }
      },
    };
  }
}
