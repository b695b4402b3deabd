/**
 * `measure: true` of a recipe: the measurements to expect of what it builds, as the file beside it.
 */

import { type Content, contentOfText } from "../bytes/content.js";
import type { Format, Recipe } from "../config/recipe.js";
import type { PartitionSource } from "../gpt/plan-disk.js";
import { measure } from "../measure/measure.js";
import type { Platform } from "../measure/profile.js";
import { shapeMeasurements } from "../measure/shapes.js";
import { certificateTable, readPe } from "../uki/pe/read-pe.js";
import { guestDisk } from "./pack-disks.js";

/** What is measured. */
export interface PredictInput {
  readonly recipe: Recipe;
  readonly uki: Content;
  readonly partitions: ReadonlyMap<string, PartitionSource>;
  /** The disks that are made; none: the UKI is booted as it is. */
  readonly formats: readonly Format[];
}

/**
 * Predicts the measurements of the disk, or of the UKI where there is none. The platform follows from the disk: Google Cloud's and
 * Azure's own formats alone stand for these clouds, anything else for QEMU with TDX.
 *
 * @throws AssembleError `measure/cmdline-unmeasured`, `measure/profile-unknown`
 */
export async function predictMeasurements({ recipe, uki, ...disks }: PredictInput): Promise<Content> {
  const { formats } = disks;
  const only = (format: Format): boolean => formats.length > 0 && formats.every((one) => one === format);
  const platform: Platform = only("gcp") ? "gcp" : only("vhd") ? "azure" : "qemu-tdx";
  const secureBoot = recipe.secureBoot !== undefined && certificateTable(await readPe(uki)) !== undefined;
  const artifact = formats.length === 0 ? uki : await guestDisk(recipe, { uki, ...disks });
  const measurements = await measure(artifact, { platform, secureBoot, allow: recipe.measure?.allow });
  const shaped = shapeMeasurements(measurements, { shape: "own", name: recipe.outputName });
  return contentOfText(`${JSON.stringify(shaped, undefined, 2)}\n`);
}
