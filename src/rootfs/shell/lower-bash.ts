/**
 * bash's `[[ … ]]` to the shell's own syntax tree.
 */
import type * as unbash from "unbash";
import type { Source } from "./lower-source.js";
import { lowerWord } from "./lower-word.js";
import type { TestExpression } from "./syntax.js";

/** Lowers a conditional expression. */
export function lowerTest(source: Source, node: unbash.TestExpression): TestExpression {
  switch (node.type) {
    case "TestUnary":
      return { type: "unary", operator: node.operator, operand: lowerWord(source, node.operand) };
    case "TestBinary": {
      const [left, right] = [lowerWord(source, node.left), lowerWord(source, node.right)];
      return { type: "binary", operator: node.operator, left, right };
    }
    case "TestLogical":
      return {
        type: "logical",
        operator: node.operator,
        operands: node.operands.map((operand) => lowerTest(source, operand)),
      };
    case "TestNot": {
      let operand = lowerTest(source, node.operand);
      for (const _ of node.negations) operand = { type: "not", operand };
      return operand;
    }
    case "TestGroup":
      return lowerTest(source, node.expression);
  }
}
