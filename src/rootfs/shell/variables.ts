/**
 * A shell's variables, with the ones that `local` hides while a function runs.
 */

/** A variable; unset but exported or readonly ones exist without a value. */
export interface Variable {
  value: string | undefined;
  exported: boolean;
  readonly: boolean;
  /** bash: elements by index, or by key of an associative array. `value` is not used then. */
  array?: Map<string, string> | undefined;
  associative?: boolean | undefined;
  /** bash: assignments are evaluated as arithmetic. */
  integer?: boolean | undefined;
}

/** The variables of one shell. */
export class Variables {
  private readonly table: Map<string, Variable>;
  /** What each running function's `local` hides: the former variable, or undefined for none. */
  private readonly frames: Map<string, Variable | undefined>[] = [];

  constructor(table: Map<string, Variable> = new Map()) {
    this.table = table;
  }

  /** A copy for a subshell. */
  clone(): Variables {
    const table = new Map<string, Variable>();
    for (const [name, variable] of this.table) table.set(name, copy(variable));
    const clone = new Variables(table);
    // The running functions go on in the subshell: `local` works there.
    for (const frame of this.frames) clone.frames.push(new Map(frame));
    return clone;
  }

  /** The value, or undefined if unset; of an array its element 0. */
  get(name: string): string | undefined {
    const variable = this.table.get(name);
    return variable?.array === undefined ? variable?.value : variable.array.get("0");
  }

  find(name: string): Variable | undefined {
    return this.table.get(name);
  }

  /** The variable, made (unset) if there is none. */
  ensure(name: string): Variable {
    const found = this.table.get(name);
    if (found !== undefined) return found;
    const variable: Variable = { value: undefined, exported: false, readonly: false };
    this.table.set(name, variable);
    return variable;
  }

  /** Sets a value; whether it may be set is the caller's question. */
  set(name: string, value: string): Variable {
    const variable = this.ensure(name);
    if (variable.array === undefined) variable.value = value;
    else variable.array.set("0", value);
    return variable;
  }

  unset(name: string): void {
    this.table.delete(name);
  }

  /** Puts back a former state, as a temporary assignment ends. */
  restore(name: string, former: Variable | undefined): void {
    if (former === undefined) this.table.delete(name);
    else this.table.set(name, former);
  }

  /** A copy of the variable's state, for `restore`. */
  snapshot(name: string): Variable | undefined {
    const variable = this.table.get(name);
    return variable === undefined ? undefined : copy(variable);
  }

  pushFrame(): void {
    this.frames.push(new Map());
  }

  popFrame(): void {
    for (const [name, former] of this.frames.pop() ?? []) this.restore(name, former);
  }

  get inFunction(): boolean {
    return this.frames.length > 0;
  }

  /** Makes a variable local to the running function; it keeps its value and attributes, as in dash. */
  makeLocal(name: string): void {
    const frame = this.frames.at(-1);
    if (frame === undefined || frame.has(name)) return;
    frame.set(name, this.snapshot(name));
  }

  /** Whether the running function has hidden the variable already. */
  isLocal(name: string): boolean {
    return this.frames.at(-1)?.has(name) === true;
  }

  /** Names in byte order. */
  names(): string[] {
    return [...this.table.keys()].sort();
  }

  /** Exported variables with a value. */
  environment(): Map<string, string> {
    const environment = new Map<string, string>();
    for (const [name, variable] of this.table) {
      if (variable.exported && variable.value !== undefined && variable.array === undefined) {
        environment.set(name, variable.value);
      }
    }
    return environment;
  }
}

function copy(variable: Variable): Variable {
  return variable.array === undefined ? { ...variable } : { ...variable, array: new Map(variable.array) };
}
