/**
 * The current record and its fields, split when first asked for and joined again after a change.
 */
import { fromInput, type Value } from "./value.js";

/** What the record needs of the program's variables. */
export interface RecordContext {
  /** Splits a record by FS as it was when the record was read. */
  split(text: string, separator: string): string[];
  /** FS now. */
  fieldSeparator(): string;
  /** OFS now. */
  outputSeparator(): string;
  toText(value: Value): string;
}

/** Bound on the number of fields: mawk's own is 32767 without growing, larger is a mistake in practice. */
export const MAX_FIELDS = 1 << 20;

/** $0 and its fields. */
export class AwkRecord {
  private text: string | undefined = "";
  private fields: Value[] | undefined = [];
  private separator = " ";
  private readonly context: RecordContext;

  constructor(context: RecordContext) {
    this.context = context;
  }

  /** Sets $0. */
  set(text: string): undefined {
    this.text = text;
    this.fields = undefined;
    this.separator = this.context.fieldSeparator();
  }

  /** $0 as text. */
  whole(): string {
    this.text ??= this.fields!.map((field) => this.context.toText(field)).join(this.context.outputSeparator());
    return this.text;
  }

  /** A field's value; 0 is the record. */
  get(index: number): Value {
    return index === 0 ? fromInput(this.whole()) : this.split()[index - 1];
  }

  /** Assigns to a field or the record. */
  assign(index: number, value: Value): undefined {
    if (index === 0) {
      this.set(this.context.toText(value));
      return;
    }
    const fields = this.split();
    while (fields.length < index) fields.push("");
    fields[index - 1] = value;
    this.text = undefined;
  }

  /** NF. */
  count(): number {
    return this.split().length;
  }

  /** Assigns to NF. */
  setCount(count: number): undefined {
    const fields = this.split();
    while (fields.length < count) fields.push("");
    fields.length = count;
    this.text = undefined;
  }

  private split(): Value[] {
    this.fields ??= this.context.split(this.text!, this.separator).map(fromInput);
    return this.fields;
  }
}
