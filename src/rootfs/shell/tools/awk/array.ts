/**
 * awk's arrays, with the order in which mawk's `for (k in a)` goes through them.
 *
 * The order was found by observation of mawk 1.3.4: keys are in a hash table by FNV-1a of their text, whole-number keys in a
 * second one by their value until they are first needed as text; a bucket's newest or last used entry comes first; both tables
 * start with 64 buckets and double at 12 entries a bucket.
 */
import type { Value } from "./value.js";

interface Entry {
  text: string | undefined;
  integer: number | undefined;
  value: Value;
}

const BUCKETS = 64;
const ENTRIES_PER_BUCKET = 12;
/** Keys that are kept as integers. */
const MAX_INTEGER_KEY = 2 ** 31 - 1;

/** An array. */
export class AwkArray {
  size = 0;
  private buckets = BUCKETS;
  private byText = new Map<string, Entry>();
  private byInteger = new Map<number, Entry>();
  private textOrder: Entry[][] = [];
  private integerOrder: Entry[][] = [];
  private hasTexts = false;
  private hasIntegers = false;

  /** The value under a key, which is made where it is not there. */
  get(key: string | number): Value {
    return this.entry(key).value;
  }

  set(key: string | number, value: Value): undefined {
    this.entry(key).value = value;
  }

  has(key: string | number): boolean {
    return this.find(key) !== undefined;
  }

  delete(key: string | number): undefined {
    const entry = this.find(key);
    if (entry === undefined) return;
    if (entry.text !== undefined) {
      this.byText.delete(entry.text);
      remove(this.textBucket(entry.text), entry);
    }
    if (entry.integer !== undefined) {
      this.byInteger.delete(entry.integer);
      remove(this.integerBucket(entry.integer), entry);
    }
    this.size--;
  }

  clear(): undefined {
    this.size = 0;
    this.buckets = BUCKETS;
    this.byText.clear();
    this.byInteger.clear();
    this.textOrder = [];
    this.integerOrder = [];
    this.hasTexts = false;
    this.hasIntegers = false;
  }

  /** All keys, in mawk's order. */
  keys(): string[] {
    if (!this.hasTexts) this.addTexts();
    const keys: string[] = [];
    for (let i = 0; i < this.buckets; i++) for (const entry of this.textOrder[i] ?? []) keys.push(entry.text!);
    return keys;
  }

  private entry(key: string | number): Entry {
    return this.find(key) ?? this.make(key);
  }

  private find(key: string | number): Entry | undefined {
    return isIntegerKey(key) ? this.findInteger(key) : this.findText(String(key));
  }

  private findText(text: string): Entry | undefined {
    if (this.hasIntegers && !this.hasTexts) this.addTexts();
    const entry = this.byText.get(text);
    if (entry !== undefined) moveToFront(this.textBucket(text), entry);
    return entry;
  }

  private findInteger(integer: number): Entry | undefined {
    const known = this.byInteger.get(integer);
    if (known !== undefined) {
      moveToFront(this.integerBucket(integer), known);
      return known;
    }
    if (!this.hasTexts) return undefined;
    const entry = this.findText(String(integer));
    if (entry !== undefined) this.addInteger(entry, integer);
    return entry;
  }

  private make(key: string | number): Entry {
    const entry: Entry = { text: undefined, integer: undefined, value: undefined };
    this.size++;
    const integer = isIntegerKey(key);
    if (!integer || this.hasTexts) {
      this.addText(entry, String(key));
      this.hasTexts = true;
      this.grow();
    }
    if (integer) {
      this.addInteger(entry, key);
      if (!this.hasTexts) this.grow();
    }
    return entry;
  }

  private addText(entry: Entry, text: string): undefined {
    entry.text = text;
    this.byText.set(text, entry);
    this.textBucket(text).unshift(entry);
  }

  private addInteger(entry: Entry, integer: number): undefined {
    entry.integer = integer;
    this.hasIntegers = true;
    this.byInteger.set(integer, entry);
    this.integerBucket(integer).unshift(entry);
  }

  /** Gives all entries their text: the first use of a text, or a loop. */
  private addTexts(): undefined {
    this.hasTexts = true;
    for (let i = 0; i < this.buckets; i++) {
      for (const entry of this.integerOrder[i] ?? []) {
        if (entry.text === undefined) this.addText(entry, String(entry.integer));
      }
    }
  }

  private textBucket(text: string): Entry[] {
    const at = hash(text) & (this.buckets - 1);
    this.textOrder[at] ??= [];
    return this.textOrder[at];
  }

  private integerBucket(integer: number): Entry[] {
    const at = integer & (this.buckets - 1);
    this.integerOrder[at] ??= [];
    return this.integerOrder[at];
  }

  private grow(): undefined {
    if (this.size <= ENTRIES_PER_BUCKET * this.buckets) return;
    this.buckets *= 2;
    const [texts, integers] = [this.textOrder, this.integerOrder];
    this.textOrder = [];
    this.integerOrder = [];
    for (const bucket of texts) for (const entry of bucket ?? []) this.textBucket(entry.text!).push(entry);
    for (const bucket of integers) for (const entry of bucket ?? []) this.integerBucket(entry.integer!).push(entry);
  }
}

function isIntegerKey(key: string | number): key is number {
  return typeof key === "number" && Number.isInteger(key) && Math.abs(key) <= MAX_INTEGER_KEY;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function moveToFront(bucket: Entry[], entry: Entry): undefined {
  const at = bucket.indexOf(entry);
  if (at > 0) {
    bucket.splice(at, 1);
    bucket.unshift(entry);
  }
}

function remove(bucket: Entry[], entry: Entry): undefined {
  const at = bucket.indexOf(entry);
  if (at >= 0) bucket.splice(at, 1);
}
