/** UKIs and disks that are small, whole, and booted by nobody. */
import { type Content, contentOfBytes, contentOfText } from "#dist/bytes/content.js";
import { writeFat } from "#dist/filesystem/fat/write-fat.js";
import { planDisk, writeDisk } from "#dist/gpt/write-disk.js";
import type { Measurements } from "#dist/index.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeKernel, makeStub, pattern } from "../fixtures/pe/make-pe.js";
import { makeAgileLog } from "./fixtures.js";

/** What a UKI is made of. */
export interface UkiSpec {
  readonly stub?: number;
  readonly kernel?: string;
  readonly commandLine?: string;
  /** Seed of its bytes. */
  readonly initrd?: number;
  /** A text of the stub's own. */
  readonly stubSays?: string;
}

/** A UKI of a version of the stub. */
export async function makeUki(spec: UkiSpec = {}): Promise<Content> {
  const says = spec.stubSays === undefined ? {} : { rodata: new Uint8Array(Buffer.from(spec.stubSays, "utf16le")) };
  const stub = Buffer.from(makeStub(says));
  const at = stub.indexOf("systemd-stub 257");
  stub.write(`systemd-stub ${spec.stub ?? 257}`, at);
  return writeUki({
    stub: contentOfBytes(new Uint8Array(stub)),
    kernel: contentOfBytes(makeKernel({ version: `${spec.kernel ?? "6.12.60"} (x@y) #1` })),
    initrd: contentOfBytes(pattern(999, spec.initrd)),
    osRelease: contentOfText("ID=test\n"),
    commandLine: spec.commandLine ?? "console=ttyS0",
  });
}

/** A disk with an ESP of 40 MiB, or more. */
export function makeDisk(
  files: readonly { readonly path: string; readonly content: Content }[],
  espMebibytes = 40,
): Content {
  const fill = ({ sizeBytes, startLba }: { sizeBytes: number; startLba: number }) =>
    writeFat(files, { volumeId: 1, label: "ESP", type: 32, mtimeSeconds: 0, sizeBytes, hiddenSectors: startLba });
  return writeDisk(
    planDisk(
      { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [] },
      {
        seed: "630b5f72-a36a-4e83-b23d-6ef47c82fd9c",
        contents: new Map([["esp", { bytes: espMebibytes << 20, fill }]]),
      },
    ),
  );
}

const SHA256 = 0x0b;
const SHA384 = 0x0c;
const EV_EFI_ACTION = 0x80000007;

/** The log of a machine where everything was as predicted: that of a TPM (crypto-agile), or of a TD. */
export function logOf({ registers }: Measurements, kind: "tpm" | "td"): Uint8Array {
  const events = registers.flatMap(({ name, events: own }) => {
    const [, what, number] = /^(pcr|rtmr)(\d+)$/.exec(name) ?? [];
    if (what !== (kind === "tpm" ? "pcr" : "rtmr")) return [];
    const index = Number(number) + (kind === "td" ? 1 : 0);
    return own.map(({ what: data, digests }) => ({
      ...{ index, type: EV_EFI_ACTION, data },
      digests: {
        ...(kind === "tpm" ? { [SHA256]: digests!.sha256 } : {}),
        [SHA384]: digests!.sha384,
      },
    }));
  });
  return makeAgileLog(kind === "tpm" ? { [SHA256]: 32, [SHA384]: 48 } : { [SHA384]: 48 }, events);
}
