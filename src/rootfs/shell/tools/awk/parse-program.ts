/**
 * Parses awk programs: rules, functions and statements (POSIX XCU awk, Grammar).
 */
import {
  AwkError,
  type AwkProgram,
  type FunctionDefinition,
  type Redirection,
  type Rule,
  type Statement,
} from "./ast.js";
import { tokenize } from "./lexer.js";
import { ExpressionParser } from "./parse-expression.js";
import { TokenReader } from "./token-reader.js";

/** Parses a program. @throws AwkError */
export function parseProgram(source: string): AwkProgram {
  return new ProgramParser(source).parse();
}

class ProgramParser {
  private readonly reader: TokenReader;
  private readonly expressions: ExpressionParser;
  private readonly begin: Statement[] = [];
  private readonly end: Statement[] = [];
  private readonly rules: Rule[] = [];
  private readonly functions = new Map<string, FunctionDefinition>();
  private loops = 0;
  private place: "begin-or-end" | "rule" | "function" = "rule";

  constructor(source: string) {
    this.reader = new TokenReader(tokenize(source));
    this.expressions = new ExpressionParser(this.reader);
  }

  parse(): AwkProgram {
    const { reader } = this;
    for (;;) {
      reader.skipTerminators();
      if (reader.peek().kind === "end") break;
      if (reader.is("BEGIN", "END")) {
        const list = reader.next().text === "BEGIN" ? this.begin : this.end;
        if (!reader.is("{")) reader.fail();
        this.place = "begin-or-end";
        list.push(this.block());
      } else if (reader.is("function", "func")) this.definition();
      else this.rule();
    }
    return { begin: this.begin, end: this.end, rules: this.rules, functions: this.functions };
  }

  private rule(): undefined {
    const { reader } = this;
    this.place = "rule";
    let pattern: Rule["pattern"] = { kind: "always" };
    if (!reader.is("{")) {
      const from = this.expressions.parse();
      pattern = { kind: "expression", test: from };
      if (reader.accept(",") !== undefined) {
        reader.skipNewlines();
        pattern = { kind: "range", from, to: this.expressions.parse() };
      }
    }
    const action = reader.is("{") ? this.block() : undefined;
    if (action === undefined && reader.peek().kind !== "newline" && !reader.is(";")) reader.fail();
    this.rules.push({ pattern, action });
  }

  private definition(): undefined {
    const { reader } = this;
    reader.next();
    const name = reader.next();
    if (name.kind !== "name" && name.kind !== "function") {
      reader.at--;
      reader.fail();
    }
    reader.expect("(");
    const parameters: string[] = [];
    while (reader.accept(")") === undefined) {
      if (parameters.length > 0) {
        reader.expect(",");
        reader.skipNewlines();
      }
      const parameter = reader.next();
      if (parameter.kind !== "name") {
        reader.at--;
        reader.fail();
      }
      parameters.push(parameter.text);
    }
    reader.skipNewlines();
    this.place = "function";
    if (!reader.is("{")) reader.fail();
    this.functions.set(name.text, { name: name.text, parameters, body: this.block() });
  }

  private block(): Statement {
    const { reader } = this;
    reader.expect("{");
    const body: Statement[] = [];
    for (;;) {
      reader.skipTerminators();
      if (reader.accept("}") !== undefined) return { kind: "block", body };
      if (reader.peek().kind === "end") throw new AwkError(`line ${reader.peek().line}: missing } near end of file`);
      body.push(this.statement());
    }
  }

  private statement(): Statement {
    const { reader } = this;
    if (reader.is("{")) return this.block();
    if (reader.accept(";") !== undefined) return { kind: "block", body: [] };
    const keyword = reader.accept("if", "while", "do", "for");
    if (keyword === "if") return this.conditional();
    if (keyword === "while") {
      reader.expect("(");
      const test = this.expressions.parse();
      reader.expect(")");
      return { kind: "while", test, body: this.loopBody() };
    }
    if (keyword === "do") return this.doLoop();
    if (keyword === "for") return this.forLoop();
    const simple = this.simple();
    this.terminator();
    return simple;
  }

  private terminator(): undefined {
    const { reader } = this;
    if (reader.is("}")) return;
    if (reader.accept(";") !== undefined) return;
    if (reader.peek().kind !== "newline") reader.fail();
    reader.next();
  }

  private conditional(): Statement {
    const { reader } = this;
    reader.expect("(");
    const test = this.expressions.parse();
    reader.expect(")");
    reader.skipNewlines();
    const yes = this.statement();
    const before = reader.at;
    reader.skipNewlines();
    if (reader.accept(";") !== undefined) reader.skipNewlines();
    if (reader.accept("else") === undefined) {
      reader.at = before;
      return { kind: "if", test, yes, no: undefined };
    }
    reader.skipNewlines();
    return { kind: "if", test, yes, no: this.statement() };
  }

  private loopBody(): Statement {
    this.loops++;
    this.reader.skipNewlines();
    const body = this.statement();
    this.loops--;
    return body;
  }

  private doLoop(): Statement {
    const { reader } = this;
    const body = this.loopBody();
    reader.skipTerminators();
    reader.expect("while");
    reader.expect("(");
    const test = this.expressions.parse();
    reader.expect(")");
    this.terminator();
    return { kind: "do", test, body };
  }

  private forLoop(): Statement {
    const { reader } = this;
    reader.expect("(");
    if (reader.peek().kind === "name" && reader.peek(1).text === "in" && reader.peek(3).text === ")") {
      const name = reader.next().text;
      reader.next();
      const array = reader.next();
      if (array.kind !== "name") reader.fail();
      reader.expect(")");
      return { kind: "for-in", name, array: array.text, body: this.loopBody() };
    }
    const start = reader.is(";") ? undefined : this.simple();
    reader.expect(";");
    reader.skipNewlines();
    const test = reader.is(";") ? undefined : this.expressions.parse();
    reader.expect(";");
    reader.skipNewlines();
    const step = reader.is(")") ? undefined : this.simple();
    reader.expect(")");
    return { kind: "for", start, test, step, body: this.loopBody() };
  }

  private simple(): Statement {
    const { reader } = this;
    const { line } = reader.peek();
    const keyword = reader.accept(
      "print",
      "printf",
      "next",
      "nextfile",
      "break",
      "continue",
      "exit",
      "return",
      "delete",
    );
    switch (keyword) {
      case undefined:
        return { kind: "expression", expression: this.expressions.parse() };
      case "print":
      case "printf":
        return this.print(keyword);
      case "next":
      case "nextfile":
        if (this.place !== "rule") throw new AwkError(`line ${line}: improper use of ${keyword}`);
        return { kind: keyword };
      case "break":
      case "continue":
        if (this.loops === 0) throw new AwkError(`line ${line}: ${keyword} statement outside of loop`);
        return { kind: keyword };
      case "exit":
      case "return": {
        if (keyword === "return" && this.place !== "function") {
          throw new AwkError(`line ${line}: return outside function body`);
        }
        const ends = reader.is(";", "}") || reader.peek().kind === "newline";
        return { kind: keyword, value: ends ? undefined : this.expressions.parse() };
      }
      default:
        return this.deletion();
    }
  }

  private deletion(): Statement {
    const { reader } = this;
    const array = reader.next();
    if (array.kind !== "name") {
      reader.at--;
      reader.fail();
    }
    if (reader.accept("[") === undefined) return { kind: "delete", array: array.text, subscripts: undefined };
    const subscripts = this.expressions.list();
    reader.expect("]");
    return { kind: "delete", array: array.text, subscripts };
  }

  private print(kind: "print" | "printf"): Statement {
    const { reader } = this;
    const ends = reader.is(";", "}", ">", ">>", "|") || reader.peek().kind === "newline";
    if (ends && kind === "printf") reader.fail();
    const items = ends ? [] : this.expressions.list({ noGreater: true });
    const [only] = items;
    const args = items.length === 1 && only?.kind === "list" ? only.items : items;
    const operator = reader.accept(">", ">>", "|");
    let redirection: Redirection | undefined;
    if (operator !== undefined) {
      redirection = { kind: operator as Redirection["kind"], target: this.expressions.parse({ noGreater: true }) };
    }
    return { kind, args, redirection };
  }
}
