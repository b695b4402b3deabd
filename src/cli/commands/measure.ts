/**
 * `measure ARTIFACT`: expected PCRs, MRTD and RTMRs with the full event list.
 */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { AssembleError } from "../../errors/assemble-error.js";
import { OpenFiles } from "../../io/open-files.js";
import { measure } from "../../measure/measure.js";
import type { EnrolledKeys } from "../../measure/pcr-7.js";
import {
  type BootPath,
  bootPaths,
  type MrtdOrder,
  mrtdOrders,
  type Platform,
  platforms,
} from "../../measure/profile.js";
import { renderMeasurements } from "../../measure/render.js";
import { shapeJsonSchema } from "../../measure/shape-schemas.js";
import { type Shape, shapeMeasurements, shapes } from "../../measure/shapes.js";
import type { CommandContext } from "../common-options.js";
import { machineEnvironment } from "../machine-environment.js";
import { openNamed, readNamed } from "../named-file.js";
import type { MeasureCommandOptions } from "../options/measure.js";

const MISSING = "measure/file-missing";

/** Predicts the measurements of an artifact. */
export async function measureArtifact(
  context: CommandContext,
  artifact: string,
  own: MeasureCommandOptions,
): Promise<number> {
  const { terminal } = context;
  const shape = oneOf<Shape>("shape", own.shape, shapes);
  if (own.schema === true) {
    terminal.out(JSON.stringify(shapeJsonSchema(shape ?? "own"), undefined, 2));
    return 0;
  }
  const files = new OpenFiles();
  const open = (name: string) => openNamed(context, name, { files, code: MISSING }).content;
  try {
    const measurements = await measure(open(artifact), {
      platform: oneOf<Platform>("platform", own.platform, platforms),
      bootPath: oneOf<BootPath>("boot", own.boot, bootPaths),
      mrtd: oneOf<MrtdOrder>("mrtd", own.mrtd, mrtdOrders),
      secureBoot: own.secureBoot,
      enrolled: own.enrolled === undefined ? undefined : enrolledKeys(context, own.enrolled),
      firmware: own.firmware === undefined ? undefined : open(own.firmware),
      eventLog: own.eventLog === undefined ? undefined : readNamed(context, own.eventLog, MISSING),
      environment: machineEnvironment(context, own),
      loadOptions: own.append,
      allow: own.allow,
    });
    if (shape === undefined && !terminal.json) terminal.out(renderMeasurements(measurements));
    else {
      const name = basename(artifact).replace(/\.[^.]+$/, "");
      const shaped = shapeMeasurements(measurements, { shape: shape ?? "own", name });
      if (terminal.json) terminal.result(shaped);
      else terminal.out(JSON.stringify(shaped, undefined, 2));
    }
  } finally {
    files.close();
  }
  return 0;
}

function oneOf<T extends string>(option: string, value: string | undefined, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new AssembleError(
    "measure/option-unknown",
    `Cannot measure with --${option} ${value}: one of ${known.join(", ")} was wanted`,
  );
}

/** The signature lists in a directory, as `keys generate` names them; dbx where there is one. */
function enrolledKeys(context: CommandContext, directory: string): EnrolledKeys {
  const list = (name: string) => readNamed(context, join(directory, `${name}.esl`), MISSING);
  const dbx = existsSync(context.path(join(directory, "dbx.esl"))) ? list("dbx") : undefined;
  return { PK: list("PK"), KEK: list("KEK"), db: list("db"), dbx };
}
