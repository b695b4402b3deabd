/** All cases, by topic: one file of golden values each. */
import type { ToolCase } from "../tool-case.js";
import { copyingCases } from "./copying.js";
import { grepCases } from "./grep.js";
import { outputCases } from "./output.js";
import { pathCases } from "./paths.js";

import { sedCases } from "./sed.js";

export const topics: ReadonlyMap<string, readonly ToolCase[]> = new Map([
  ["copying", copyingCases],
  ["grep", grepCases],
  ["output", outputCases],
  ["paths", pathCases],
  ["sed", sedCases],
]);
