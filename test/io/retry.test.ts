import { describe, expect, it } from "vitest";
import { backOff, failureOfError, failureOfStatus, parseRetryAfter, sleep, TransferError } from "#dist/io/retry.js";

describe("failureOfStatus", () => {
  it.each([
    [404, "missing"],
    [410, "missing"],
    [403, "refused"],
    [416, "refused"],
    [429, "transient"],
    [500, "transient"],
    [503, "transient"],
  ])("%i is %s", (status, failure) => {
    expect(failureOfStatus(status, undefined).failure).toBe(failure);
  });

  it("keeps what the server asks to wait", () => {
    expect(failureOfStatus(429, "7").retryAfterMs).toBe(7000);
    expect(failureOfStatus(429, undefined).retryAfterMs).toBeUndefined();
  });
});

describe("failureOfError", () => {
  const withCode = (code: string, cause?: unknown) => Object.assign(new Error("failed", { cause }), { code });

  it("tells a host that cannot be reached from a connection that broke", () => {
    expect(failureOfError(withCode("ECONNREFUSED")).failure).toBe("unreachable");
    expect(failureOfError(withCode("ENOTFOUND")).failure).toBe("unreachable");
    expect(failureOfError(withCode("ECONNRESET")).failure).toBe("transient");
    expect(failureOfError(new Error("anything")).failure).toBe("transient");
  });

  it("looks inside: one error per address, and causes", () => {
    const addresses = new AggregateError([withCode("ECONNREFUSED"), withCode("ECONNREFUSED")], "");
    expect(failureOfError(addresses)).toMatchObject({ failure: "unreachable", message: "ECONNREFUSED" });
    expect(failureOfError(new Error("fetch failed", { cause: withCode("EHOSTUNREACH") })).failure).toBe("unreachable");
    const own = new TransferError("missing", "gone");
    expect(failureOfError(own)).toBe(own);
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-08-01T00:00:00Z");

  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["86400", 300_000],
    ["Sat, 01 Aug 2026 00:00:30 GMT", 30_000],
    ["Fri, 31 Jul 2026 00:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("%j is %j ms", (value, wait) => {
    expect(parseRetryAfter(value, now)).toBe(wait);
  });
});

describe("backOff", () => {
  it("doubles up to half a minute", () => {
    expect([1, 2, 3, 8].map((attempt) => backOff(attempt, 500))).toEqual([500, 1000, 2000, 30_000]);
  });
});

describe("sleep", () => {
  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const waiting = sleep(60_000, controller.signal);
    controller.abort(new Error("stop"));
    await expect(waiting).rejects.toThrow("stop");
    await expect(sleep(60_000, controller.signal)).rejects.toThrow("stop");
  });
});
