/**
 * The provenance of an image: which outputs a build made, out of what. No time and no host: the same build gives the same statement.
 *
 * Specifications: in-toto Statement v1; SLSA Provenance v1 (predicate `https://slsa.dev/provenance/v1`). What the fields hold is
 * described in docs/provenance.md.
 */
import { canonicalJson } from "../../config/canonical-json.js";
import type { Manifest } from "../manifest.js";
import type { Inventory } from "../sbom/inventory.js";

/** Says how to read `externalParameters`, `internalParameters` and `resolvedDependencies`: docs/provenance.md. */
export const BUILD_TYPE = "urn:tdx-assemble:build:v1";

/** A file and its sha256 in hex. */
export interface ProvenanceFile {
  readonly name: string;
  readonly sha256: string;
}

/** What a statement is made of. */
export interface ProvenanceInput {
  readonly inventory: Inventory;
  /** Of the build. */
  readonly manifest: Manifest;
  readonly manifestFile: ProvenanceFile;
  /** The lock that the packages come from. */
  readonly lockFile: ProvenanceFile;
  /** Name of the recipe's file. */
  readonly recipe: string;
  /** The artifact, where it is no output itself: signed after the build. */
  readonly artifact?: ProvenanceFile | undefined;
  /** Who vouches for the build, a URI; default: this program in its version, which vouches for nothing but itself. */
  readonly builderId?: string | undefined;
}

/** The text of the statement: canonical JSON, without a newline at the end. */
export function writeProvenance(input: ProvenanceInput): string {
  const { inventory, manifest, manifestFile, lockFile, recipe, artifact } = input;
  const { tool, packages, files } = inventory;
  const stated = manifest.outputs.map(({ name, sha256 }) => descriptor({ name, sha256 }));
  const program = `pkg:npm/${tool.name}@${tool.version}`;
  return canonicalJson({
    _type: "https://in-toto.io/Statement/v1",
    subject: artifact === undefined ? stated : [...stated, descriptor(artifact)],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {
          recipe,
          profiles: manifest.profiles,
          formats: manifest.outputs.map(({ format }) => format),
          environment: manifest.environment,
          sourceDateEpoch: manifest.sourceDateEpoch,
        },
        internalParameters: {
          lockDigest: manifest.lockDigest,
          architecture: manifest.architecture,
          seed: manifest.seed,
        },
        resolvedDependencies: [
          { uri: program, name: tool.name, annotations: { role: "tool" } },
          { ...descriptor(lockFile), annotations: { role: "lock" } },
          ...files.map(({ name, sha256, use }) => ({
            ...descriptor({ name, sha256 }),
            annotations: { role: use === "contained" ? "recipe-file" : "recipe-input" },
          })),
          ...manifest.suites.map(({ id, date, sha256 }) => ({
            ...descriptor({ name: `Release of ${id}`, sha256 }),
            annotations: { role: "suite", date },
          })),
          ...packages.map(({ fileName, packageUrl, sha256, url, roles }) => ({
            ...descriptor({ name: fileName, sha256 }),
            uri: packageUrl,
            ...(url === undefined ? {} : { downloadLocation: url }),
            annotations: { role: "package", usedFor: roles },
          })),
        ],
      },
      runDetails: {
        builder: { id: input.builderId ?? program, version: { [tool.name]: tool.version } },
        byproducts: [{ ...descriptor(manifestFile), mediaType: "application/json" }],
      },
    },
  });
}

function descriptor({ name, sha256 }: ProvenanceFile): { readonly name: string; readonly digest: object } {
  return { name, digest: { sha256 } };
}
