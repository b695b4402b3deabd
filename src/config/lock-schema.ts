/**
 * The shape of a lock's text, strict: a key that is missing, unknown or of another form is an error.
 */

import { z } from "zod";
import { AssembleError } from "../errors/assemble-error.js";
import { archiveId } from "./lock.js";
import { formatKeyPath } from "./origin.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: "64 lower-case hex digits" });
const line = z.string().regex(/^[^\x00-\x1f\x7f]+$/, { error: "one line" });
/** No `..`, no absolute path: it is joined to a mirror's URL. */
const poolPath = line.regex(/^(?!\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))/, { error: "a relative path" });
const id = z.int().min(0).max(4_294_967_294);

const row = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]*$/),
  version: z.string().regex(/^[0-9A-Za-z.+:~-]+$/),
  architecture: z.string().regex(/^[a-z0-9-]+$/),
  archive: line,
  path: poolPath,
  size: z.int().min(1),
  sha256,
  priority: line,
});

const use = z.strictObject({ package: line, stage: z.union([z.literal(1), z.literal(2)]), why: line });

const suite = z
  .strictObject({
    id: line,
    archive: line,
    suite: line,
    codename: line,
    components: z.array(line),
    date: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, { error: "a time such as 2026-08-15T08:12:13Z" }),
    sha256,
  })
  .refine((each) => each.id === archiveId(each), { error: "a suite whose id says its archive and suite" });

const entry = z.strictObject({
  profiles: z.array(line),
  digest: sha256,
  suites: z.array(suite),
  packages: z.array(use),
  kernel: z.array(line),
  stub: line.optional(),
  initramfs: z.array(line).min(1).optional(),
  buildPackages: z.array(use),
  sources: z.array(z.strictObject({ name: line, pin: line })),
  ids: z.strictObject({ users: z.record(line, id), groups: z.record(line, id) }),
});

const lockFile = z.strictObject({ lockVersion: z.literal(1), packages: z.array(row), entries: z.array(entry) });

export type LockFileEntry = z.output<typeof entry>;
export type LockFileData = z.output<typeof lockFile>;

/** The data of a lock's text, or `lock/invalid`. */
export function parseLockFile(text: string, file: string): LockFileData {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw invalidLock(file, `it is not JSON (${(cause as Error).message})`, cause);
  }
  const version = (data as { lockVersion?: unknown } | null)?.lockVersion;
  if (typeof version === "number" && version > 1) {
    throw invalidLock(file, `its version is ${version}, version 1 was wanted: a newer tdx-assemble wrote it`);
  }
  const result = lockFile.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = formatKeyPath(issue.path as (string | number)[]).replace("the recipe", "the lock");
  const what = issue.code === "unrecognized_keys" ? `${issue.keys[0]} is not a key` : issue.message;
  throw invalidLock(file, `${path}: ${what}`);
}

/** An error about a lock's text. */
export function invalidLock(file: string, what: string, cause?: unknown): AssembleError {
  return new AssembleError("lock/invalid", `Cannot read ${file}: ${what}`, {
    hint: "restore it from version control, or remove it and run `tdx-assemble lock`",
    ...(cause === undefined ? {} : { cause }),
  });
}
