/**
 * Reads a manifest that somebody else may have written.
 */
import { z } from "zod";
import { AssembleError } from "../errors/assemble-error.js";
import type { Manifest } from "./manifest.js";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.looseObject({
  schema: z.literal(1),
  tool: z.looseObject({ name: z.literal("tdx-assemble"), version: z.string() }),
  image: z.string(),
  version: z.string().optional(),
  profiles: z.array(z.string()),
  architecture: z.string(),
  sourceDateEpoch: z.number(),
  seed: z.string(),
  lockDigest: hash,
  packages: z.array(
    z.looseObject({
      name: z.string(),
      version: z.string(),
      architecture: z.string(),
      sha256: hash,
      role: z.enum(["root", "kernel", "stub", "initramfs"]),
    }),
  ),
  environment: z.record(z.string(), z.string().nullable()),
  outputs: z.array(z.looseObject({ name: z.string(), format: z.string(), bytes: z.number(), sha256: hash })),
});

/** The manifest in a text. @throws AssembleError `verify/manifest-invalid` */
export function parseManifest(text: string, path: string): Manifest {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, "it is no JSON", cause);
  }
  const result = schema.safeParse(plain);
  if (result.success) return plain as Manifest;
  const issue = result.error.issues[0]!;
  throw invalid(path, `${issue.path.join(".")}: ${issue.message}`, result.error);
}

function invalid(path: string, is: string, cause: unknown): AssembleError {
  return new AssembleError(
    "verify/manifest-invalid",
    `Cannot read the manifest ${path}: ${is}, a manifest of tdx-assemble was wanted`,
    { cause },
  );
}
