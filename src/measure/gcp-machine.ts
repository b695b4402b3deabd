/**
 * What Google Cloud's machines have in their firmware's variables, as event logs of TDs show that others have published
 * (flashbots/dstack-mr-gcp, Easy-TEE/attest): with Secure Boot off four lists of one placeholder, and boot options by the number of disks.
 */

import { guidBytes } from "../bytes/guid.js";
import { signatureList } from "../uki/signing/enrolment.js";
import { acpiEvents } from "./acpi-events.js";
import { incomplete, type MachineEnvironment, unknown } from "./environment.js";
import { eventOf, type MeasuredEvent } from "./event.js";
import { type EnrolledKeys, variableEvents } from "./pcr-7.js";

/** Firmware of Google Cloud, by MRTD, whose event logs others have published: before March, from March, from April 2026. */
const GCP_FIRMWARE: readonly string[] = [
  "a5844e88897b70c318bef929ef4dfd6c7304c52c4bc9c3f39132f0fdccecf3eb5bab70110ee42a12509a31c037288694",
  "8370d8f6d02f2d13e211e91c93fde923049522b241425a29a7bf0071ef49b250af4ef49d852fa3e10065d1b51dfce8fb",
  "feb7486608382c1ff0e15b4648ddc0acea6ca974eb53e3529f4c4bd5ffbaa20bf335cb75965cea65fe473aed9647c162",
];

/** The beginning of a certificate, and its owner. */
const PLACEHOLDER = new Uint8Array(Buffer.from("3082010a02820101", "hex"));
const PLACEHOLDER_OWNER = guidBytes("d281fad2-8d88-47a4-9792-5baa47bb1b89");

/** Boot options: only their SHA-384 digests are known. */
const BOOT_OPTIONS: ReadonlyMap<number, readonly [what: string, sha384: string]> = new Map([
  [
    0,
    [
      "the program of firmware's own",
      "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28eacf7047ae6e967c58fd2a98bfa74c298",
    ],
  ],
  [1, ["the disk", "a25333c7aec2e0993034938c7f11893b3c2bcaf67e88c342a3d586f6f7fae2c6a1247a9ed86988080a6d4be497d4fbb6"]],
  [
    2,
    [
      "the further disk",
      "9068065754ff3ae3dd58a5897535eeaf62a19a6757d82dd91349c41bae2e3f208e268abba2a4378bc5c8d1acf2fd260f",
    ],
  ],
]);

/**
 * The events of RTMR0 behind those of memory and firmware.
 *
 * @param mrtd of the firmware
 * @throws AssembleError `measure/environment-incomplete`, `measure/environment-invalid`, `measure/profile-unknown`
 */
export function gcpEvents(
  { firmwareConfiguration, furtherDisks }: MachineEnvironment,
  { mrtd, secureBoot }: { readonly mrtd: string; readonly secureBoot: boolean },
): MeasuredEvent[] {
  if (!GCP_FIRMWARE.includes(mrtd))
    throw unknown(`the firmware has MRTD ${mrtd.slice(0, 16)}…, which is none of Google Cloud's`, "one that is known");
  if (secureBoot) throw unknown("Google Cloud's machine has Secure Boot on", "Secure Boot off");
  return [
    ...variableEvents({ ...gcpKeys(), SecureBoot: Uint8Array.of(0) }),
    ...acpiEvents(firmwareConfiguration),
    ...gcpBootEvents(furtherDisks),
  ];
}

/** The variables of a machine with Secure Boot off. */
function gcpKeys(): EnrolledKeys {
  const list = signatureList(PLACEHOLDER, PLACEHOLDER_OWNER);
  return { PK: list, KEK: list, db: list, dbx: list };
}

/** BootOrder and the options that it names. */
function gcpBootEvents(furtherDisks: number | undefined): MeasuredEvent[] {
  if (furtherDisks === undefined)
    throw incomplete("nothing says how many further disks the machine has", {
      wanted: "0 or 1",
      hint: "pass --further-disks",
    });
  if (furtherDisks !== 0 && furtherDisks !== 1)
    throw unknown(`the machine has ${furtherDisks} further disks`, "0 or 1");
  const order = furtherDisks === 0 ? [1, 0] : [1, 2, 0];
  const type = "EV_EFI_VARIABLE_BOOT";
  return [
    eventOf(type, `the value of BootOrder, ${2 * order.length} bytes`, Uint8Array.from(order.flatMap((n) => [n, 0]))),
    ...order.map((n) => {
      const [what, sha384] = BOOT_OPTIONS.get(n)!;
      return { type, what: `the value of Boot000${n}: ${what}`, digests: { sha256: "", sha384 } };
    }),
  ];
}
