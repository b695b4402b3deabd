/**
 * What a replay compares with: our own measurements file with its events, or a policy file, of which there are only values.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { MeasuredEvent } from "./event.js";

/** What is expected of a register. */
export interface ExpectedRegister {
  /** Any of these, of any bank, lower-case hex. */
  readonly values: readonly string[];
  readonly events?: readonly MeasuredEvent[] | undefined;
}

const NAME = /^(?:pcr(?:[0-9]|1[0-9]|2[0-3])|mrtd|rtmr[0-3])$/;
const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96})$/;
/** Policy files number a TD's registers: MRTD, RTMR0 to RTMR3. */
const TDX_NUMBERS: readonly string[] = ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"];

/**
 * Reads what is expected, or what a machine says it holds: our measurements, a policy file, measured-boot's or dstack-mr's
 * output, or a plain object of register and value.
 *
 * @throws AssembleError `measure/expected-invalid`
 */
export function readExpected(text: string): ReadonlyMap<string, ExpectedRegister> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
  const found = isObject(json) && Array.isArray(json["registers"]) ? ownRegisters(json["registers"]) : policy(json);
  if (found.size === 0) throw invalid("it names no register");
  return found;
}

/** The values of each register. */
export function valuesOf(expected: ReadonlyMap<string, ExpectedRegister>): ReadonlyMap<string, readonly string[]> {
  return new Map([...expected].map(([name, { values }]) => [name, values]));
}

function ownRegisters(registers: readonly unknown[]): Map<string, ExpectedRegister> {
  const found = new Map<string, ExpectedRegister>();
  for (const register of registers) {
    if (!isObject(register)) throw invalid("a register is no object");
    const { name, values, events } = register;
    if (typeof name !== "string" || !NAME.test(name) || !isObject(values) || !Array.isArray(events))
      throw invalid("a register has no name, values and events");
    found.set(name, { values: hexes(Object.values(values)), events: events.map(eventFrom) });
  }
  return found;
}

function eventFrom(event: unknown): MeasuredEvent {
  if (!isObject(event) || typeof event["type"] !== "string" || typeof event["what"] !== "string")
    throw invalid("an event has no type and words");
  const { type, what, digests } = event;
  if (digests === undefined) return { type, what };
  if (!isObject(digests)) throw invalid("the digests of an event are no object");
  const [sha256, sha384] = [digests["sha256"], digests["sha384"]];
  if (typeof sha256 !== "string" || typeof sha384 !== "string") throw invalid("an event lacks a digest");
  return { type, what, digests: { sha256, sha384 } };
}

function policy(json: unknown): Map<string, ExpectedRegister> {
  const found = new Map<string, ExpectedRegister>();
  const records = Array.isArray(json) ? json : [json];
  for (const record of records) {
    if (!isObject(record)) throw invalid("it is neither an object nor a list of objects");
    const tdx = typeof record["attestation_type"] === "string" && record["attestation_type"] !== "azure-tdx";
    const values = isObject(record["measurements"]) ? record["measurements"] : record;
    for (const [key, value] of Object.entries(values)) {
      const name = registerName(key, tdx);
      if (name === undefined) continue;
      const before = found.get(name)?.values ?? [];
      found.set(name, { values: [...before, ...hexes(valueList(value))] });
    }
  }
  return found;
}

function registerName(key: string, tdx: boolean): string | undefined {
  if (NAME.test(key)) return key;
  if (!/^\d+$/.test(key)) return undefined;
  const name = tdx ? TDX_NUMBERS[Number(key)] : `pcr${key}`;
  return name !== undefined && NAME.test(name) ? name : undefined;
}

function valueList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [value];
  if (Array.isArray(value["expected_any"])) return value["expected_any"];
  return "expected" in value ? [value["expected"]] : Object.values(value);
}

function hexes(values: readonly unknown[]): string[] {
  return values.map((value) => {
    const hex = typeof value === "string" ? value.toLowerCase().replace(/^0x/, "") : "";
    if (!HEX.test(hex)) throw invalid(`${JSON.stringify(value)?.slice(0, 120)} is no value of a register`);
    return hex;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "measure/expected-invalid",
    `Cannot read the expected measurements: ${is}, a measurements file or a policy was wanted`,
    { hint: "tdx-assemble measure ARTIFACT --json > expected.json", cause },
  );
}
