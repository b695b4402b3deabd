import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Bank, eventOf, pcrOf, rtmrOf } from "#dist/measure/event.js";
import { readEventLog } from "#dist/measure/event-log.js";
import { readExpected } from "#dist/measure/expected.js";
import { renderReplay } from "#dist/measure/render.js";
import { replay } from "#dist/measure/replay.js";
import { rtmr0FromLog } from "#dist/measure/rtmr-0.js";
import { makeAgileLog, makeLegacyLog, type RawEvent } from "./fixtures.js";

const IDS = { sha256: 0x0b, sha384: 0x0c } as const;
const hash = (bank: string, text: string) => createHash(bank).update(text).digest("hex");
const event = (index: number, text: string, banks: readonly Bank[] = ["sha256", "sha384"]): RawEvent => ({
  index,
  type: 0x80000007,
  data: text,
  digests: Object.fromEntries(banks.map((bank) => [IDS[bank], hash(bank, text)])),
});
const agile = (events: readonly RawEvent[]) => makeAgileLog({ [IDS.sha256]: 32, [IDS.sha384]: 48 }, events);
const action = (text: string) => eventOf("EV_EFI_ACTION", text, new TextEncoder().encode(text));
const predicted = (texts: readonly string[]) => pcrOf(4, texts.map(action));
const against = (texts: readonly string[]) => readExpected(JSON.stringify({ registers: [predicted(texts)] }));

describe("replay", () => {
  it("matches what was predicted", () => {
    const outcome = replay(readEventLog(agile([event(4, "a"), event(5, "x"), event(4, "b")])), against(["a", "b"]));
    expect(outcome).toMatchObject({ kind: "crypto-agile", matches: true });
    expect(outcome.divergence).toBeUndefined();
    expect(outcome.registers.find(({ name }) => name === "pcr4")).toMatchObject({ events: 2, matches: true });
  });

  it("names the first event that is another, missing or too many, and why", () => {
    const log = readEventLog(agile([event(4, "a"), event(4, "changed"), event(4, "c")]));
    const outcome = replay(log, against(["a", "the command line that the kernel gets", "c"]));
    expect(outcome.matches).toBe(false);
    expect(outcome.divergence).toMatchObject({
      register: "pcr4",
      event: 2,
      expected: { what: "the command line that the kernel gets" },
      found: { what: '"changed"', digest: hash("sha384", "changed") },
      reason: expect.stringContaining("another command line"),
    });
    expect(renderReplay(outcome)).toMatch(/First divergence: event 2 of PCR4[\s\S]*\nThe log is NOT as expected$/);
    const short = replay(readEventLog(agile([event(4, "a")])), against(["a", "b"])).divergence;
    expect(short).toMatchObject({ event: 2, expected: { what: "b" }, reason: expect.stringContaining("ends before") });
    expect(short).not.toHaveProperty("found");
    const long = replay(readEventLog(agile([event(4, "a"), event(4, "b")])), against(["a"])).divergence;
    expect(long).toMatchObject({ event: 2, found: { what: '"b"' }, reason: expect.stringContaining("nothing more") });
  });

  it("compares with what the machine holds", () => {
    const log = readEventLog(agile([event(4, "a")]));
    const good = predicted(["a"]).values.sha256!;
    const live = (value: string) => new Map([["pcr4", [value]]]);
    expect(replay(log, against(["a"]), live(good)).matches).toBe(true);
    expect(replay(log, against(["a"]), live("0".repeat(64))).matches).toBe(false);
  });

  it("does not judge what a log of its kind cannot hold, unless the machine says what it holds", () => {
    const rtmr = rtmrOf(1, [eventOf("EV_EFI_ACTION", "a", new TextEncoder().encode("a"))]);
    const both = readExpected(JSON.stringify({ registers: [predicted(["a"]), rtmr] }));
    const outcome = replay(readEventLog(agile([event(4, "a")])), both);
    expect(outcome).toMatchObject({ matches: true, notInLog: ["rtmr1"] });
    expect(renderReplay(outcome)).toContain("RTMR1: not in a TPM's log, not judged");
    expect(renderReplay({ ...outcome, registers: [], matches: false })).toMatch(/\nNothing was judged: /);
    const live = (value: string) => new Map([["rtmr1", [value]]]);
    expect(replay(readEventLog(agile([event(4, "a")])), both, live(rtmr.values.sha384!)).matches).toBe(true);
    expect(replay(readEventLog(agile([event(4, "a")])), both, live("0".repeat(96))).matches).toBe(false);
    const alone = readExpected(JSON.stringify({ registers: [rtmr] }));
    expect(replay(readEventLog(agile([event(4, "a")])), alone).matches).toBe(false);
  });

  it("judges by values alone where a policy has no events", () => {
    const log = readEventLog(agile([event(4, "a")]));
    const policy = (value: string) =>
      readExpected(JSON.stringify([{ attestation_type: "azure-tdx", measurements: { 4: { expected: value } } }]));
    expect(replay(log, policy(predicted(["a"]).values.sha256!)).matches).toBe(true);
    expect(replay(log, policy("1".repeat(64))).matches).toBe(false);
  });

  it("reads logs of TDs and those with SHA-1 alone", () => {
    const cc = makeAgileLog({ [IDS.sha384]: 48 }, [event(1, "hob", ["sha384"]), event(2, "a", ["sha384"])]);
    const log = readEventLog(cc);
    expect(log).toMatchObject({ kind: "cc", events: [{ register: "rtmr0" }, { register: "rtmr1" }] });
    const one = rtmrOf(1, [eventOf("EV_EFI_ACTION", "a", new TextEncoder().encode("a"))]);
    expect(replay(log, readExpected(JSON.stringify({ registers: [one] }))).matches).toBe(true);
    expect(rtmr0FromLog(cc)).toMatchObject({ name: "rtmr0", boundTo: expect.stringContaining("environment") });
    expect(rtmr0FromLog(cc).values.sha384).toHaveLength(96);
    expect(() => rtmr0FromLog(agile([event(4, "a")]))).toThrow(
      expect.objectContaining({ code: "measure/event-log-invalid" }),
    );
    const legacy = readEventLog(makeLegacyLog([{ index: 4, type: 4, sha1: hash("sha1", "a"), data: "a" }]));
    expect(legacy.kind).toBe("legacy");
    const sha1 = createHash("sha1")
      .update(Buffer.alloc(20))
      .update(Buffer.from(hash("sha1", "a"), "hex"))
      .digest("hex");
    expect(replay(legacy, readExpected(JSON.stringify({ pcr4: sha1 }))).matches).toBe(true);
  });

  it("takes the unused end of a log for that", () => {
    const log = agile([event(4, "a")]);
    for (const filler of [0, 0xff])
      expect(readEventLog(new Uint8Array([...log, ...new Array(64).fill(filler)])).events).toHaveLength(1);
  });

  it("refuses damaged logs and never anything but with its own error: 10,000 mutations", () => {
    const whole = agile([event(4, "a"), event(9, "b"), event(11, "c")]);
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % below;
    };
    let refused = 0;
    const expected = against(["a"]);
    for (let i = 0; i < 10_000; i++) {
      const bytes = whole.slice(0, random(4) === 0 ? random(whole.length) : whole.length);
      for (let n = random(4); n >= 0 && bytes.length > 0; n--) bytes[random(bytes.length)] = random(256);
      try {
        replay(readEventLog(bytes), expected);
      } catch (error) {
        expect(error).toMatchObject({ code: "measure/event-log-invalid" });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it("refuses expectations that are none", () => {
    for (const text of ["", "{}", "[1]", '{"pcr4":"xyz"}', '{"registers":[{"name":"pcr99"}]}'])
      expect(() => readExpected(text), text).toThrow(expect.objectContaining({ code: "measure/expected-invalid" }));
  });
});
