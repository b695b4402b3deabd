import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { defineTask, startWorkers } from "#dist/io/workers.js";

const module = new URL("./worker-fixture.mjs", import.meta.url).href;
const double = defineTask<{ value: number; delayMs: number }, number>(module, "double");
const fail = defineTask<{ code?: string }, never>(module, "fail");
const spin = defineTask<{ ms: number }, void>(module, "spin");
const echo = defineTask<Uint8Array, Uint8Array>(module, "echo");

let close: (() => Promise<void>) | undefined;
const start = (options?: Parameters<typeof startWorkers>[0]) => {
  const workers = startWorkers(options);
  close = () => workers.close();
  return workers;
};
afterEach(async () => close?.());

describe("startWorkers", () => {
  it("gives each its own result, whatever finishes first", async () => {
    const workers = start({ jobs: 3 });
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) => workers.run(double, { value: i, delayMs: (12 - i) * 3 })),
    );
    expect(results).toEqual(Array.from({ length: 12 }, (_, i) => 2 * i));
    expect(await workers.run(echo, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
  });

  it("passes errors on with their code and hint", async () => {
    const workers = start({ jobs: 1 });
    const error = await workers.run(fail, { code: "test/failed" }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AssembleError);
    expect(error).toMatchObject({ code: "test/failed", message: "Cannot do it", hint: "try again" });
    await expect(workers.run(fail, {})).rejects.toThrow("plain");
    expect(await workers.run(double, { value: 2, delayMs: 0 })).toBe(4);
  });

  it("stops what runs and what waits when it is aborted", async () => {
    const controller = new AbortController();
    const workers = start({ jobs: 1, signal: controller.signal });
    const runs = [workers.run(spin, { ms: 60_000 }), workers.run(spin, { ms: 60_000 })];
    setTimeout(() => controller.abort(), 200);
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["rejected", "rejected"]);
    await expect(workers.run(double, { value: 1, delayMs: 0 })).rejects.toThrow(/abort/i);
  });

  it("lets the process end, closed or not", async () => {
    const script = (end: string) =>
      `const { startWorkers } = await import(${JSON.stringify(import.meta.resolve("#dist/io/workers.js"))});
       const workers = startWorkers({ jobs: 2 });
       console.log(await workers.run({ module: ${JSON.stringify(module)}, name: "double" }, { value: 4, delayMs: 0 }));
       ${end}`;
    for (const end of ["await workers.close();", ""]) {
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script(end)], { timeout: 30_000 });
      expect(stdout).toBe("8\n");
    }
  });
});
