/**
 * An inventory as SPDX 2.3, JSON.
 *
 * Specification: SPDX 2.3 (ISO/IEC 5962 is 2.2.1) with its JSON schema. Written: packages (the image, its outputs, Debian's packages and
 * sources, files of the recipe), relationships, licences that SPDX does not list. Checked by the schema and by the SPDX tools.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../config/canonical-json.js";
import {
  type Inventory,
  type InventoryFile,
  type InventoryPackage,
  plainId,
  type SourcePackage,
  sourcesOf,
  timestampOf,
} from "./inventory.js";
import { uuidOfUrl } from "./name-uuid.js";

const DOCUMENT = "SPDXRef-DOCUMENT";
const IMAGE = "SPDXRef-Image";
const HASH_DIGITS = 16;

/** The text of the document, with a newline at the end. The same inventory gives the same bytes. */
export function writeSpdx(inventory: Inventory): string {
  const { tool, name, outputs, packages, files } = inventory;
  const sources = sourcesOf(inventory);
  const extracted = new Map(
    packages.flatMap((one) => (one.licences?.extracted ?? []).map((licence) => [licence.id, licence])),
  );
  const body = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: DOCUMENT,
    name,
    creationInfo: {
      created: timestampOf(inventory),
      creators: [`Tool: ${tool.name}-${tool.version}`],
      comment:
        "The time is the image's SOURCE_DATE_EPOCH. Licences are those of machine-readable debian/copyright files, as the packages declare them.",
    },
    packages: [
      imagePackage(inventory),
      ...outputs.map((output) => ({
        SPDXID: outputId(output.name),
        name: output.name,
        packageFileName: output.name,
        downloadLocation: "NOASSERTION",
        filesAnalyzed: false,
        primaryPackagePurpose: "FILE",
        comment: `${output.format}, ${output.bytes} bytes`,
        checksums: [{ algorithm: "SHA256", checksumValue: output.sha256 }],
        ...UNSTATED,
      })),
      ...packages.map(debPackage),
      ...sources.map(sourcePackage),
      ...files.map(recipeFile),
    ],
    hasExtractedLicensingInfos: [...extracted.values()].map(({ id, name: short, text }) => ({
      licenseId: id,
      name: short,
      extractedText: text,
    })),
    relationships: relationshipsOf(inventory),
  };
  const digest = createHash("sha256").update(canonicalJson(body)).digest("hex");
  const documentNamespace = `urn:uuid:${uuidOfUrl(`urn:tdx-assemble:spdx:${digest}`)}`;
  return `${JSON.stringify({ ...body, documentNamespace }, undefined, 1)}\n`;
}

const UNSTATED = { licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION" };

function imagePackage({ name, version, architecture, lockDigest }: Inventory): object {
  return {
    SPDXID: IMAGE,
    name,
    ...(version === undefined ? {} : { versionInfo: version }),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "OPERATING_SYSTEM",
    comment: `An image for ${architecture}. Digest of its recipe in the lock: ${lockDigest}`,
    ...UNSTATED,
  };
}

function debPackage(one: InventoryPackage): object {
  const { maintainer, homepage, summary, source } = one;
  return {
    SPDXID: packageId(one),
    name: one.name,
    versionInfo: one.version,
    packageFileName: one.fileName,
    ...(one.isDebian ? { supplier: "Organization: Debian" } : {}),
    ...(maintainer === undefined ? {} : { originator: personOf(maintainer) }),
    downloadLocation: one.url ?? "NOASSERTION",
    filesAnalyzed: false,
    checksums: [{ algorithm: "SHA256", checksumValue: one.sha256 }],
    ...(homepage === undefined ? {} : { homepage }),
    sourceInfo: `built from ${source.name} ${source.version}`,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: one.licences?.expression ?? "NOASSERTION",
    ...(one.licences === undefined ? { licenseComments: "The package's copyright file is not machine-readable." } : {}),
    copyrightText: "NOASSERTION",
    ...(summary === undefined ? {} : { summary }),
    comment: `part of the image: ${one.removed ? "none, removed once the others were configured" : one.roles.join(", ")}`,
    externalRefs: [urlRef(one.packageUrl)],
  };
}

function sourcePackage(source: SourcePackage): object {
  return {
    SPDXID: sourceId(source),
    name: source.name,
    versionInfo: source.version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "SOURCE",
    ...UNSTATED,
    externalRefs: [urlRef(source.packageUrl)],
  };
}

/** As a package: SPDX knows no files of a package that was not analysed file by file. */
function recipeFile({ name, use, bytes, sha256 }: InventoryFile): object {
  return {
    SPDXID: fileId(name),
    name,
    packageFileName: `./${name}`,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "FILE",
    comment: `a file of the recipe, ${use === "contained" ? "part of the image" : "an input"}, ${bytes} bytes`,
    checksums: [{ algorithm: "SHA256", checksumValue: sha256 }],
    ...UNSTATED,
  };
}

function urlRef(packageUrl: string): object {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: packageUrl };
}

/** `Name <address>` as SPDX writes it; teams are not told from persons in Debian. */
function personOf(maintainer: string): string {
  const [, name, address] = /^(.*?)\s*<([^<>]*)>$/.exec(maintainer) ?? [undefined, maintainer, undefined];
  const plain = name!.replace(/[()"]/g, "").trim();
  return `Person: ${plain}${address === undefined ? "" : ` (${address})`}`;
}

function relationshipsOf(inventory: Inventory): object[] {
  const { outputs, packages, files } = inventory;
  const ids = new Map(packages.map((one) => [one.sha256, packageId(one)]));
  const relationships: (readonly [string, string, string])[] = [[DOCUMENT, "DESCRIBES", IMAGE]];
  for (const { name } of outputs)
    relationships.push([DOCUMENT, "DESCRIBES", outputId(name)], [outputId(name), "GENERATED_FROM", IMAGE]);
  for (const one of packages) {
    const id = packageId(one);
    relationships.push(one.removed ? [id, "BUILD_DEPENDENCY_OF", IMAGE] : [IMAGE, "CONTAINS", id]);
    relationships.push([id, "GENERATED_FROM", sourceId(one.source)]);
    for (const source of one.builtUsing) relationships.push([id, "GENERATED_FROM", sourceId(source)]);
    for (const source of one.staticBuiltUsing) relationships.push([id, "STATIC_LINK", sourceId(source)]);
    for (const sha256 of one.dependsOn) relationships.push([id, "DEPENDS_ON", ids.get(sha256)!]);
  }
  for (const { name, use } of files)
    relationships.push([IMAGE, use === "contained" ? "CONTAINS" : "GENERATED_FROM", fileId(name)]);
  return relationships.map(([spdxElementId, relationshipType, relatedSpdxElement]) => ({
    spdxElementId,
    relationshipType,
    relatedSpdxElement,
  }));
}

function packageId({ name, sha256 }: InventoryPackage): string {
  return `SPDXRef-Package-${plainId(name)}-${sha256.slice(0, HASH_DIGITS)}`;
}

function sourceId({ name, packageUrl }: SourcePackage): string {
  return `SPDXRef-Source-${plainId(name)}-${shortHash(packageUrl)}`;
}

function fileId(name: string): string {
  return `SPDXRef-File-${plainId(name)}-${shortHash(name)}`;
}

function outputId(name: string): string {
  return `SPDXRef-Output-${plainId(name)}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, HASH_DIGITS);
}
