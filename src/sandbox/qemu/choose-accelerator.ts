/**
 * Finds out how the host can run x86-64: by KVM or hvf where they work, else by translation. That /dev/kvm can be
 * opened says little (in nested virtualisation QEMU may abort when it sets up the CPU), so QEMU is asked itself.
 */

import { execFile, spawn } from "node:child_process";
import { constants } from "node:fs";
import { isAccessible } from "./find-qemu.js";

/** How the guest's code is run. */
export interface Accelerator {
  readonly name: "kvm" | "hvf" | "tcg";
  /** The CPU model that gives the guest all that there is. */
  readonly cpu: "host" | "max" | "max,-cx16";
}

const PROBE_MILLISECONDS = 10_000;

/** The fastest accelerator that works on this host. */
export async function chooseAccelerator(qemu: string): Promise<Accelerator> {
  if (process.platform === "linux" && process.arch === "x64") {
    const kvm: Accelerator = { name: "kvm", cpu: "host" };
    if ((await isAccessible("/dev/kvm", constants.R_OK | constants.W_OK)) && (await starts(qemu, kvm))) return kvm;
  }
  if (process.platform === "darwin" && process.arch === "x64") {
    const hvf: Accelerator = { name: "hvf", cpu: "host" };
    if (await starts(qemu, hvf)) return hvf;
  }
  return { name: "tcg", cpu: (await majorVersion(qemu)) < CX16_WORKS ? "max,-cx16" : "max" };
}

/**
 * Up to QEMU 7.2, translated CMPXCHG16B leaves rubbish in the flags until another instruction sets them (the helper uses
 * the lazy flags' state before it is stored; since 8.0 it is translated inline). An interrupt in between saves them, and
 * returning from it sets TF, NT or DF. Linux uses the instruction in every kmalloc: on a busy host 5 of 20 boots crashed,
 * without the instruction none of 24.
 */
const CX16_WORKS = 8;

function majorVersion(qemu: string): Promise<number> {
  return new Promise((resolve) => {
    execFile(qemu, ["--version"], { timeout: PROBE_MILLISECONDS }, (_, stdout) => {
      const found = /version (\d+)\./.exec(stdout)?.[1];
      resolve(found === undefined ? Number.POSITIVE_INFINITY : Number(found));
    });
  });
}

/** Starts an empty machine that is stopped at once: its CPU has been set up by then. About 0.1 s. */
function starts(qemu: string, { name, cpu }: Accelerator): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      qemu,
      ["-accel", name, "-cpu", cpu, "-machine", "q35", "-m", "64", "-nodefaults", "-display", "none", "-S"].concat([
        "-monitor",
        "stdio",
      ]),
      { stdio: ["pipe", "ignore", "ignore"], timeout: PROBE_MILLISECONDS, killSignal: "SIGKILL" },
    );
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
    child.stdin.on("error", () => {}); // it may be gone before it reads
    child.stdin.end("quit\n");
  });
}
