/**
 * bash's arrays: indexed ones by decimal index, associative ones by key.
 */
import { evaluateArithmetic } from "../arithmetic.js";
import { expandFields, expandString } from "../expand-word.js";
import type { Shell } from "../shell.js";
import type { Assignment } from "../syntax.js";
import type { Variable } from "../variables.js";

/** The key that a subscript's text means for a variable: itself, or its arithmetic value (negative ones count from the end). */
export function arraySubscript(shell: Shell, name: string, text: string): string {
  const variable = shell.variables.find(name);
  if (variable?.associative === true) return text;
  const value = evaluateArithmetic(shell, text);
  if (value >= 0n) return String(value);
  const indexes = variable === undefined ? [] : arrayKeys(variable).map(Number);
  const from = BigInt(Math.max(-1, ...indexes) + 1) + value;
  if (from < 0n) shell.fail(`${name}: bad array subscript`, 1);
  return String(from);
}

/** Keys of a variable's elements, in the order of expansion; a plain variable has element 0. */
export function arrayKeys(variable: Variable): string[] {
  if (variable.array === undefined) return variable.value === undefined ? [] : ["0"];
  const keys = [...variable.array.keys()];
  return variable.associative === true ? keys : keys.sort((a, b) => Number(a) - Number(b));
}

/** The values of all elements. */
export function arrayValues(shell: Shell, name: string): string[] {
  const variable = shell.variables.find(name);
  if (variable === undefined) return [];
  return arrayKeys(variable).map((key) => getElement(shell, name, key) ?? "");
}

/** One element, or undefined. */
export function getElement(shell: Shell, name: string, index: string): string | undefined {
  const variable = shell.variables.find(name);
  if (variable?.array !== undefined) return variable.array.get(index);
  return index === "0" ? variable?.value : undefined;
}

/** Makes a variable an array, keeping its value as element 0. */
export function makeArray(shell: Shell, name: string, associative: boolean): Variable & { array: Map<string, string> } {
  const variable = shell.variables.ensure(name);
  if (variable.array === undefined) {
    variable.array = new Map(variable.value === undefined ? [] : [["0", variable.value]]);
    variable.value = undefined;
  }
  if (associative) variable.associative = true;
  return variable as Variable & { array: Map<string, string> };
}

/** Sets one element. */
export function setElement(shell: Shell, name: string, { index, value }: { index: string; value: string }): void {
  const variable = makeArray(shell, name, false);
  if (variable.readonly) shell.fail(`${name}: readonly variable`);
  variable.array.set(index, value);
}

/** Sets all elements, indexed from 0. */
export function setArray(shell: Shell, name: string, values: readonly string[]): void {
  const variable = makeArray(shell, name, false);
  if (variable.readonly) shell.fail(`${name}: readonly variable`);
  variable.array.clear();
  for (const [index, value] of values.entries()) variable.array.set(String(index), value);
}

/** `name=(…)` and `name+=(…)` */
export function assignArray(shell: Shell, assignment: Assignment): void {
  const { name, elements } = assignment;
  const variable = makeArray(shell, name, false);
  if (variable.readonly) shell.fail(`${name}: readonly variable`);
  const pairs = (elements ?? []).flatMap<{ key: string | undefined; field: string }>(({ index, value }) =>
    index === undefined
      ? expandFields(shell, [value]).map((field) => ({ key: undefined, field }))
      : [{ key: expandString(shell, index), field: expandString(shell, value) }],
  );
  if (!assignment.append) variable.array.clear();
  let next = assignment.append ? Math.max(-1, ...arrayKeys(variable).map(Number)) + 1 : 0;
  if (variable.associative === true && pairs.some((pair) => pair.key === undefined)) {
    for (let i = 0; i < pairs.length; i += 2) variable.array.set(pairs[i]!.field, pairs[i + 1]?.field ?? "");
    return;
  }
  for (const { key, field } of pairs) {
    const index = key === undefined ? String(next) : arraySubscript(shell, name, key);
    variable.array.set(index, field);
    next = Number(index) + 1;
  }
}
