/**
 * Recipes in a directory of their own, for tests.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished } from "vitest";
import { AssembleError } from "#dist/errors/assemble-error.js";

/** Writes the files and returns their directory, removed when the test is over. */
export function recipeFiles(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), "recipe-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return directory;
}

/** The error of a call that has to fail with an AssembleError. */
export async function errorOf(call: () => unknown): Promise<AssembleError> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    expect(error).toBeInstanceOf(AssembleError);
    return error as AssembleError;
  }
  throw new Error(`it was accepted: ${JSON.stringify(result)}`);
}
