/**
 * An inventory as CycloneDX 1.6, JSON.
 *
 * Specification: ECMA-424 (CycloneDX 1.6) with its JSON schema. Written: the image with its outputs as `metadata.component`, packages and
 * files as components, sources as their pedigree, the dependency graph. The texts of licences that SPDX does not list stand in
 * the SPDX document. Checked by the schema.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../config/canonical-json.js";
import { type Inventory, type InventoryPackage, type SourcePackage, timestampOf } from "./inventory.js";
import { uuidOfUrl } from "./name-uuid.js";

const IMAGE = "image";

/** The text of the document, with a newline at the end. The same inventory gives the same bytes. */
export function writeCyclonedx(inventory: Inventory): string {
  const { tool, packages, files } = inventory;
  const body = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: timestampOf(inventory),
      tools: { components: [{ type: "application", name: tool.name, version: tool.version }] },
      component: imageComponent(inventory),
    },
    components: [
      ...packages.map(debComponent),
      ...files.map(({ name, use, bytes, sha256 }) => ({
        type: "file",
        "bom-ref": fileRef(name),
        name,
        hashes: [{ alg: "SHA-256", content: sha256 }],
        properties: properties({ use, bytes: String(bytes) }),
      })),
    ],
    dependencies: dependenciesOf(inventory),
    compositions: [{ aggregate: "complete", assemblies: [IMAGE], dependencies: [IMAGE] }],
  };
  const digest = createHash("sha256").update(canonicalJson(body)).digest("hex");
  const { $schema, bomFormat, specVersion, ...rest } = body;
  const serialNumber = `urn:uuid:${uuidOfUrl(`urn:tdx-assemble:cyclonedx:${digest}`)}`;
  return `${JSON.stringify({ $schema, bomFormat, specVersion, serialNumber, ...rest }, undefined, 1)}\n`;
}

function imageComponent({ name, version, architecture, lockDigest, outputs }: Inventory): object {
  const files = outputs.map((output) => ({
    type: "file",
    "bom-ref": `output:${output.name}`,
    name: output.name,
    hashes: [{ alg: "SHA-256", content: output.sha256 }],
    properties: properties({ format: output.format, bytes: String(output.bytes) }),
  }));
  return {
    type: "operating-system",
    "bom-ref": IMAGE,
    name,
    ...(version === undefined ? {} : { version }),
    properties: properties({ architecture, lockDigest }),
    ...(files.length === 0 ? {} : { components: files }),
  };
}

function debComponent(one: InventoryPackage): object {
  const { maintainer, homepage, summary, url, builtUsing, staticBuiltUsing } = one;
  const references = [
    ...(homepage === undefined ? [] : [{ type: "website", url: homepage }]),
    ...(url === undefined ? [] : [{ type: "distribution", url }]),
  ];
  const other = (sources: readonly SourcePackage[]): string | undefined =>
    sources.length === 0 ? undefined : sources.map(({ name, version }) => `${name} (= ${version})`).join(", ");
  return {
    type: "library",
    "bom-ref": packageRef(one),
    ...(one.isDebian ? { supplier: { name: "Debian" } } : {}),
    ...(maintainer === undefined ? {} : { publisher: maintainer }),
    name: one.name,
    version: one.version,
    ...(summary === undefined ? {} : { description: summary }),
    scope: one.removed ? "excluded" : "required",
    hashes: [{ alg: "SHA-256", content: one.sha256 }],
    ...(one.licences === undefined
      ? {}
      : { licenses: [{ expression: one.licences.expression, acknowledgement: "declared" }] }),
    purl: one.packageUrl,
    pedigree: { ancestors: [one.source, ...builtUsing, ...staticBuiltUsing].map(sourceComponent) },
    ...(references.length === 0 ? {} : { externalReferences: references }),
    properties: properties({
      role: one.roles.join(" "),
      source: `${one.source.name} (= ${one.source.version})`,
      builtUsing: other(builtUsing),
      staticBuiltUsing: other(staticBuiltUsing),
    }),
  };
}

function sourceComponent({ name, version, packageUrl }: SourcePackage): object {
  return { type: "library", name, version, purl: packageUrl };
}

function dependenciesOf({ packages, files }: Inventory): object[] {
  const refs = new Map(packages.map((one) => [one.sha256, packageRef(one)]));
  const contained = [
    ...packages.filter(({ removed }) => !removed).map(packageRef),
    ...files.filter(({ use }) => use === "contained").map(({ name }) => fileRef(name)),
  ];
  return [
    { ref: IMAGE, dependsOn: contained },
    ...packages.map((one) => ({ ref: packageRef(one), dependsOn: one.dependsOn.map((sha256) => refs.get(sha256)!) })),
  ];
}

/** `bom-ref`s have to differ: two archives may have other bytes of the same name and version. */
function packageRef({ packageUrl, sha256 }: InventoryPackage): string {
  return `${packageUrl}#${sha256.slice(0, 16)}`;
}

function fileRef(name: string): string {
  return `file:${name}`;
}

function properties(values: Readonly<Record<string, string | undefined>>): object[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `tdx-assemble:${name}`, value }],
  );
}
