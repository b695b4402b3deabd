/**
 * Measurements in the shapes that other verifiers read: the policy file of cvm-reverse-proxy and attested-tls-proxy, the
 * outputs of measured-boot and dstack-mr, and attested-tls's hashes of an image. Schemas: shape-schemas.ts.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { extend, type Register } from "./event.js";
import type { Measurements } from "./measure.js";
import type { Platform } from "./profile.js";

/** The shapes; `policy` states one value a register, `policy-any` a list of allowed ones. */
export const shapes = ["own", "policy", "policy-any", "measured-boot", "dstack-mr", "dcap-image-hashes"] as const;
export type Shape = (typeof shapes)[number];

/** What policies call the platforms. */
const ATTESTATION_TYPES: Readonly<Record<Platform, string>> = {
  "qemu-tdx": "qemu-tdx",
  "qemu-tpm": "none",
  "self-hosted": "self-hosted-tdx",
  gcp: "gcp-tdx",
  azure: "azure-tdx",
};
/** How policies number the registers of a TD. */
const TDX_ORDER: readonly string[] = ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"];

/**
 * Gives measurements another shape: an object to be written as JSON.
 *
 * @param name of the image, where the shape has room for it
 * @throws AssembleError `measure/shape-impossible` where the shape needs what was not predicted
 */
export function shapeMeasurements(
  measurements: Measurements,
  options: { readonly shape: Shape; readonly name: string },
): unknown {
  switch (options.shape) {
    case "own":
      return measurements;
    case "policy":
      return policy(measurements, options.name, (value) => ({ expected: value }));
    case "policy-any":
      return policy(measurements, options.name, (value) => ({ expected_any: [value] }));
    case "measured-boot":
      return measuredBoot(measurements);
    case "dstack-mr":
      return dstackMr(measurements);
    case "dcap-image-hashes":
      return dcapImageHashes(measurements);
  }
}

/**
 * A verifier ignores a register that its policy leaves out. Without RTMR2 it would take any command line and initrd, so that is refused;
 * a PCR 9 without a value is left out: the sections and load options that it follows from are in PCR 11 and 12.
 */
function policy(measurements: Measurements, name: string, state: (value: string) => unknown): unknown {
  const { platform, tdx } = measurements.profile;
  if (tdx && measurements.registers.some((register) => /^rtmr/.test(register.name) && !register.values.sha384))
    throw impossible("policy", "every RTMR's value", "an initrd that is the same at every boot");
  const values = measurements.registers.flatMap((register): [string, string][] => {
    const key = tdx ? TDX_ORDER.indexOf(register.name) : Number(/^pcr(\d+)$/.exec(register.name)?.[1] ?? -1);
    const value = tdx ? register.values.sha384 : register.values.sha256;
    return key < 0 || value === undefined ? [] : [[`${key}`, value]];
  });
  return [
    {
      measurement_id: `${name}-${platform}`,
      attestation_type: ATTESTATION_TYPES[platform],
      measurements: Object.fromEntries(values.map(([key, value]) => [key, state(value)])),
    },
  ];
}

/** All PCRs in SHA-256, with those that an image leaves at zero, and the events in the order of the registers. */
function measuredBoot({ registers }: Measurements): unknown {
  const pcrs = registers.filter(({ name }) => name.startsWith("pcr"));
  if (pcrs.length === 0) throw impossible("measured-boot", "PCRs", "a platform with a TPM");
  const number = ({ name }: Register) => Number(name.slice(3));
  const zero = "0".repeat(64);
  const values = new Map([8, 15].map((index) => [index, zero]));
  for (const register of pcrs)
    if (register.values.sha256 !== undefined) values.set(number(register), register.values.sha256);
  return {
    measurements: Object.fromEntries(
      [...values].sort(([a], [b]) => a - b).map(([index, expected]) => [index, { expected }]),
    ),
    EventLog: {
      Events: pcrs.flatMap((register) =>
        register.events.map(({ type, what, digests }) => ({
          PCRIndex: number(register),
          Digest: digests?.sha256 ?? "",
          Data: type,
          Description: what,
        })),
      ),
    },
  };
}

function dstackMr(measurements: Measurements): unknown {
  const value = (name: string) => measurements.registers.find((register) => register.name === name)?.values.sha384;
  const [rtmr1, rtmr2, rtmr3] = ["rtmr1", "rtmr2", "rtmr3"].map(value);
  if (rtmr1 === undefined || rtmr2 === undefined)
    throw impossible(
      "dstack-mr",
      "the values of RTMR1 and RTMR2",
      "a TDX platform, and an initrd that is the same at every boot",
    );
  const listed = (one: string | undefined) => (one === undefined ? [] : [one]);
  return {
    rtmr0: listed(value("rtmr0")),
    ...{ rtmr1, rtmr2, rtmr3 },
    mrtd: listed(value("mrtd")),
    mrconfigid: "0".repeat(96),
    xfam: "e700060000000000",
    tdattributes: "0000001000000000",
  };
}

/** What attested-tls computes RTMR1 and RTMR2 from on a machine whose firmware it knows. */
function dcapImageHashes({ inputs, registers, profile }: Measurements): unknown {
  const { ukiAuthenticode, kernelAuthenticode, commandLine, initrd, gpt } = inputs;
  if (commandLine === undefined || initrd === undefined)
    throw impossible("dcap-image-hashes", "the initrd's digest", "an initrd that is the same at every boot");
  if (gpt === undefined) throw impossible("dcap-image-hashes", "the partition table's digest", "a disk");
  const sections = registers.find(({ name }) => name === "rtmr2")?.events.filter(({ type }) => type === "EV_IPL");
  return {
    uki_authenticode: ukiAuthenticode.sha384,
    kernel_authenticode: kernelAuthenticode.sha384,
    cmdline_hash: commandLine.sha384,
    initrd_hash: initrd.sha384,
    gpt_disk_guid_hash: gpt.sha384,
    ...(profile.stubMeasuresToTdx && sections !== undefined && sections.length > 0
      ? { pe_sections: registerValue(sections) }
      : {}),
  };
}

function registerValue(events: Register["events"]): string {
  return extend(
    "sha384",
    events.map(({ digests }) => digests!.sha384),
  );
}

function impossible(shape: Shape, lacks: string, wanted: string): AssembleError {
  return new AssembleError(
    "measure/shape-impossible",
    `Cannot write the measurements as ${shape}: they are without ${lacks}, ${wanted} was wanted`,
  );
}
