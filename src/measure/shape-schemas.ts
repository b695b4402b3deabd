/**
 * The schemas of the shapes of measurements; `measure ARTIFACT --shape NAME --schema` prints one as JSON Schema.
 */

import { z } from "zod";
import type { JsonSchema } from "../config/json-schema.js";
import { bootPaths, mrtdOrders, platforms } from "./profile.js";
import type { Shape } from "./shapes.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sha384 = z.string().regex(/^[0-9a-f]{96}$/);
const anyValue = z.union([sha256, sha384]);
// RTMR0 that was taken from a log has digests in SHA-384 only.
const digests = z.strictObject({ sha256: z.union([sha256, z.literal("")]), sha384 });

const event = z.strictObject({ type: z.string(), what: z.string(), digests: digests.optional() });

const own = z.strictObject({
  format: z.literal("tdx-assemble/measurements/1"),
  artifact: z.strictObject({ kind: z.enum(["uki", "disk"]), sha256, bytes: z.int().nonnegative() }),
  profile: z.strictObject({
    platform: z.enum(platforms as [string, ...string[]]),
    bootPath: z.enum(bootPaths as [string, ...string[]]),
    secureBoot: z.boolean(),
    stubVersion: z.int(),
    kernelRelease: z.string(),
    mrtd: z.enum(mrtdOrders as [string, ...string[]]),
    tdx: z.boolean(),
    tpm: z.boolean(),
    stubMeasuresToTdx: z.boolean(),
    kernelMeasuresToTdx: z.boolean(),
    innerKernelMeasured: z.boolean(),
  }),
  commandLine: z.string(),
  registers: z.array(
    z.strictObject({
      name: z.string().regex(/^(?:pcr\d+|mrtd|rtmr[0-3])$/),
      values: z.strictObject({ sha256: sha256.optional(), sha384: sha384.optional() }),
      events: z.array(event),
      boundTo: z.string().optional(),
    }),
  ),
  inputs: z.strictObject({
    ukiAuthenticode: digests,
    kernelAuthenticode: digests,
    commandLine: digests.optional(),
    initrd: digests.optional(),
    gpt: digests.optional(),
  }),
});

const policyOf = (value: z.ZodType) =>
  z.array(
    z.strictObject({
      measurement_id: z.string(),
      attestation_type: z.enum(["azure-tdx", "gcp-tdx", "dcap-tdx", "qemu-tdx", "self-hosted-tdx", "none", "auto"]),
      measurements: z.record(z.string().regex(/^\d+$/), value),
    }),
  );

const measuredBoot = z.strictObject({
  measurements: z.record(z.string().regex(/^\d+$/), z.strictObject({ expected: sha256 })),
  EventLog: z.strictObject({
    Events: z.array(
      z.strictObject({
        PCRIndex: z.int().min(0).max(23),
        Digest: z.union([sha256, z.literal("")]),
        Data: z.string(),
        Description: z.string(),
      }),
    ),
  }),
});

const dstackMr = z.strictObject({
  rtmr0: z.array(sha384),
  rtmr1: sha384,
  rtmr2: sha384,
  rtmr3: sha384,
  mrtd: z.array(sha384),
  mrconfigid: sha384,
  xfam: z.string().regex(/^[0-9a-f]{16}$/),
  tdattributes: z.string().regex(/^[0-9a-f]{16}$/),
});

const dcapImageHashes = z.strictObject({
  uki_authenticode: sha384,
  kernel_authenticode: sha384,
  cmdline_hash: sha384,
  initrd_hash: sha384,
  gpt_disk_guid_hash: sha384,
  pe_sections: sha384.optional(),
});

/** The schema of each shape. */
export const shapeSchemas: Readonly<Record<Shape, z.ZodType>> = {
  own,
  policy: policyOf(z.strictObject({ expected: anyValue })),
  "policy-any": policyOf(z.strictObject({ expected_any: z.array(anyValue).min(1) })),
  "measured-boot": measuredBoot,
  "dstack-mr": dstackMr,
  "dcap-image-hashes": dcapImageHashes,
};

/** A shape's schema as JSON Schema 2020-12. */
export function shapeJsonSchema(shape: Shape): JsonSchema {
  return z.toJSONSchema(shapeSchemas[shape]) as JsonSchema;
}
