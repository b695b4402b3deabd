/**
 * The schema of a recipe as users write it (contract §1): every key optional, since a file may be a part of a recipe.
 * What belongs together across keys is checked after merging, in resolve-recipe.ts. schema.json is generated from it.
 */

import { z } from "zod";
import * as part from "./schema-parts.js";
import * as word from "./schema-words.js";

const { listOf } = part;

/** Every key but `include` and `profiles`: what a profile may state. */
const partial = {
  image: word.imageName.describe("Names the outputs"),
  version: word.imageVersion.describe("A string; part of the outputs' names"),
  architecture: z.enum(["amd64"]),
  hostname: word.hostName,
  timezone: word.timeZone,
  locale: word.localeName,
  rootPassword: z.strictObject({ hash: word.passwordHash }).describe("Without it root is locked"),
  archive: part.archive.describe("Where packages come from"),
  base: z
    .enum(["essential", "minbase", "none"])
    .describe("The packages to start from: essential ones, also priority required and apt, or none"),
  packages: listOf(word.packageRequest).describe('Packages to install; "-name" must not be installed'),
  installRecommends: z.boolean(),
  buildPackages: listOf(word.packageRequest).describe("Present only while sources and build scripts run"),
  debconf: listOf(word.debconfLine).describe("Preseed lines, in debconf-set-selections form"),
  overrides: listOf(part.override).describe("Maintainer scripts that are not interpreted"),
  skeletonTrees: listOf(part.tree).describe("Copied in before packages"),
  extraTrees: listOf(part.tree).describe("Copied in after packages"),
  templates: z
    .strictObject({ data: word.hostPath })
    .describe("*.mustache files in the trees are rendered from this data"),
  groups: listOf(part.group),
  users: listOf(part.user),
  services: part.services,
  permissions: z.record(word.imagePath, part.permission),
  scripts: part.scripts,
  sources: listOf(part.source).describe("Software built from source"),
  kernel: part.kernel,
  stub: word.packageOrPath.describe(
    "The package of the UEFI stub (a version with =), or a file (./name, or *.stub, *.efi)",
  ),
  root: part.root,
  initrd: z.strictObject({ compression: part.compression(["zstd", "gzip", "none"]).optional() }),
  disk: part.disk,
  removePackages: listOf(word.packageName),
  cleanPackageMetadata: z.boolean().describe("Drop /var/lib/dpkg, apt state and caches"),
  removeFiles: listOf(word.imageGlob).describe("Globs; a directory that matches goes whole"),
  sourceDateEpoch: z
    .union(
      [
        z.int().min(0, { abort: true }).max(0xffff_ffff, { abort: true }),
        z.strictObject({ fromHost: z.literal(true) }),
      ],
      {
        error: "seconds from 0 to 4294967295, or { fromHost: true }",
      },
    )
    .describe("The time of every file, in seconds; or { fromHost: true } for SOURCE_DATE_EPOCH"),
  seed: word.uuid.describe("Every UUID, salt and id derives from it"),
  environment: z.record(word.variableName, part.variable).describe("What scripts and templates see"),
  outputs: listOf(part.format),
  measure: z
    .union([z.boolean(), z.strictObject({ allow: listOf(word.allowWord) })], {
      error: "true, false or { allow: [...] }",
    })
    .describe("Also write the measurements file"),
  secureBoot: z.strictObject(part.signer),
  pcrSigning: z.strictObject({ ...part.signer, phases: listOf(word.phaseWord).optional() }),
};

const profile = z.strictObject(partial).partial().meta({ id: "profile" });

/** A recipe, or a part of one. */
export const imageSchema = z
  .strictObject({
    ...partial,
    include: listOf(word.hostPath).describe("Recipes that this one builds on, in order"),
    profiles: z.record(word.profileName, profile).describe("Partial recipes, merged on top by --profile NAME"),
  })
  .partial()
  .meta({ title: "tdx-assemble recipe" });

/** What `defineImage` takes: the recipe as a typed object. */
export type ImageInput = z.input<typeof imageSchema>;
