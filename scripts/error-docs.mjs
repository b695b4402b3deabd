/**
 * Writes docs/errors.md from the table of codes: `node scripts/error-docs.mjs` after a build; `--print` only prints it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { errorCodes } from "../dist/errors/codes.js";

function errorDocs() {
  const rows = Object.entries(errorCodes).map(([code, { exit, meaning }]) => `| \`${code}\` | ${exit} | ${meaning} |`);
  return `# Error codes

Made from \`src/errors/codes.ts\` by \`node scripts/error-docs.mjs\`. Codes are stable: scripts may rely on them.

An error is printed as \`error[code]: Cannot <do what> <to what>: <what is>, <what was wanted>\`, with a \`hint:\` line where something
helps; with \`--json\` as an object with \`type\` "error", \`code\`, \`message\` and \`hint\`.

Exit status: 0 done · 1 the work failed · 2 the command line or the recipe is wrong · 3 the network or a mirror failed, or
\`--offline\` misses something · 4 something could not be trusted · 130 interrupted. \`error[internal]\` (1) is a defect of the tool.

| code | exit | meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

if (process.argv.includes("--print")) process.stdout.write(errorDocs());
else {
  mkdirSync("docs", { recursive: true });
  writeFileSync("docs/errors.md", errorDocs());
}
