/** `sign` and `keys generate` as processes: what they refuse. What they write is held against sbsigntool and OVMF in test/heavy. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readContent } from "#dist/bytes/content.js";
import { makeUki } from "../measure/small-images.js";
import { run } from "./run-cli.js";

const directory = mkdtempSync(join(tmpdir(), "cli-sign-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
writeFileSync(join(directory, "image.efi"), await readContent(await makeUki()));
writeFileSync(join(directory, "PK.key"), "a key that somebody needs\n");

it.each([
  [["sign", "image.efi"], "sign/options", /^hint: tdx-assemble keys generate DIR/m],
  [["sign", "image.efi", "--key", "db.key"], "sign/options", /--key with --certificate, or --attach was wanted/],
  [["sign", "image.efi", "--certificate", "db.crt"], "sign/options", /^hint: /m],
  [
    ["sign", "nothing.efi", "--attach", "x.p7s"],
    "sign/file-missing",
    /nothing\.efi: it does not exist, a file was wanted/,
  ],
  [["sign", ".", "--attach", "x.p7s"], "sign/file-missing", /it is a directory/],
  [["sign", "image.efi", "--attach", "x.p7s"], "sign/file-missing", /x\.p7s: ENOENT/],
  [["sign", "image.efi", "--key", "db.key", "--certificate", "db.crt"], "sign/file-missing", /db\.key: ENOENT/],
  [
    ["keys", "generate", "."],
    "sign/key-exists",
    /PK\.key, a directory without keys was wanted\n.*hint: keys are never written over/s,
  ],
] as const)("%j is refused, and writes nothing", async (args, code, says) => {
  const { status, out, error } = await run([...args, "-C", directory]);
  expect([status, out]).toEqual([2, ""]);
  expect(error).toContain(`error[${code}]: Cannot `);
  expect(error).toMatch(says);
  expect(readdirSync(directory).sort()).toEqual(["PK.key", "image.efi"]);
});
