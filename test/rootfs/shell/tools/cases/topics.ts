/** All cases, by topic: one file of golden values each. */
import type { ToolCase } from "../tool-case.js";
import { awkCases } from "./awk.js";
import { awkEdgeCases } from "./awk-edges.js";
import { copyingCases } from "./copying.js";
import { diffingCases } from "./diffing.js";
import { filterCases } from "./filters.js";
import { findCases } from "./find.js";
import { grepCases } from "./grep.js";
import { listingCases } from "./listing.js";
import { outputCases } from "./output.js";
import { pathCases } from "./paths.js";

import { runningCases } from "./running.js";
import { sedCases } from "./sed.js";

export const topics: ReadonlyMap<string, readonly ToolCase[]> = new Map([
  ["awk", awkCases],
  ["awk-edges", awkEdgeCases],
  ["copying", copyingCases],
  ["diffing", diffingCases],
  ["filters", filterCases],
  ["find", findCases],
  ["grep", grepCases],
  ["listing", listingCases],
  ["output", outputCases],
  ["paths", pathCases],
  ["running", runningCases],
  ["sed", sedCases],
]);
