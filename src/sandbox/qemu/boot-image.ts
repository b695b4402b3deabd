/**
 * Boots an image in the host's QEMU and lets a program talk to its serial console: what `run` and the boot tests use.
 */

import { cpus as hostCpus } from "node:os";
import { AssembleError } from "../../errors/assemble-error.js";
import { checkArtifact } from "./check-artifact.js";
import { type Accelerator, chooseAccelerator } from "./choose-accelerator.js";
import { ConsoleLog } from "./console-log.js";
import { defaultMemory } from "./default-memory.js";
import { type Firmware, findFirmware, findQemu } from "./find-qemu.js";
import { prepareDisk, type RunDisk } from "./prepare-disk.js";
import { type Forward, type QemuMachine, qemuArguments } from "./qemu-arguments.js";
import { type QemuEnd, type QemuProcess, startQemu } from "./start-qemu.js";

/** How an image is booted. */
export interface BootOptions {
  /** In bytes; default: what the manifest beside the artifact asks for, at least 2 GiB. */
  readonly memoryBytes?: number;
  /** Default: 2 with hardware acceleration, else 1. */
  readonly cpus?: number;
  readonly disks?: readonly RunDisk[];
  /** Whether what the guest writes to the disk that it boots from stays in its file; default false. */
  readonly keepsWrites?: boolean;
  /** Default true. */
  readonly network?: boolean;
  readonly forwards?: readonly Forward[];
  /** Whether a reboot of the guest ends the machine; default false. */
  readonly exitOnReboot?: boolean;
  /** Control socket of a software TPM (`swtpm socket --tpm2 --ctrl type=unixio,path=…`) for the machine. */
  readonly tpmSocket?: string;
  /** Handed to a UKI as its load options, as QEMU's `-append` does. */
  readonly append?: string;
  /** The QEMU to use instead of the one found on PATH. */
  readonly qemu?: string;
  readonly firmware?: Firmware;
  readonly accelerator?: Accelerator;
  /** Gets every byte of the serial console. */
  readonly onConsole?: (bytes: Uint8Array) => void;
  /** Gets a line where something out of the ordinary was done. */
  readonly onNotice?: (text: string) => void;
  /** Ends the machine. */
  readonly signal?: AbortSignal;
}

/** A machine that has been started. */
export interface BootedMachine {
  /** How its code is run. */
  readonly accelerator: Accelerator["name"];
  /**
   * Waits until the console shows a text that comes after the last one waited for, and returns it.
   *
   * @throws AssembleError `run/timeout`, `run/ended` with the end of the console in the message
   */
  waitFor(pattern: string | RegExp, timeoutMilliseconds: number): Promise<string>;
  /** Types a text on the serial console. */
  send(text: string | Uint8Array): void;
  /** The console's text so far, without escape sequences. */
  output(): string;
  /** Whether the kernel crashed before init and was started a second time. */
  retried(): boolean;
  /** Resolves when the machine has ended. */
  readonly ended: Promise<QemuEnd>;
  /** Presses the power button, and switches the machine off where the guest does not within the time (default 5 s). */
  powerOff(timeoutMilliseconds?: number): Promise<void>;
  /** Ends the machine at once. */
  kill(): Promise<void>;
}

const POWER_OFF_MILLISECONDS = 5000;

/**
 * Boots an image.
 *
 * A kernel that crashes before it starts init (seen now and then under translation) is booted once more; `onNotice` says
 * so. That ends with the first text that was found or typed.
 *
 * @throws AssembleError `run/qemu-missing`, `run/firmware-missing`, `run/artifact-invalid`, `run/disk-invalid`
 */
export async function bootImage(artifact: string, options: BootOptions = {}): Promise<BootedMachine> {
  options.signal?.throwIfAborted();
  const kind = await checkArtifact(artifact);
  const qemu = options.qemu ?? (await findQemu(process.env["PATH"]));
  const firmware = options.firmware ?? (await findFirmware(qemu));
  const disks = await Promise.all((options.disks ?? []).map((disk) => prepareDisk(disk)));
  const accelerator = options.accelerator ?? (await chooseAccelerator(qemu));
  const machine: QemuMachine = {
    artifact,
    kind,
    keepsWrites: options.keepsWrites ?? false,
    firmware,
    accelerator,
    memoryMiB: Math.ceil((options.memoryBytes ?? (await defaultMemory(artifact))) / 2 ** 20),
    cpus: options.cpus ?? (accelerator.name === "tcg" ? 1 : Math.min(2, hostCpus().length)),
    disks,
    network: options.network ?? true,
    forwards: options.forwards ?? [],
    exitOnReboot: options.exitOnReboot ?? false,
    tpmSocket: options.tpmSocket,
    append: options.append,
  };
  options.signal?.throwIfAborted();
  return new RunningMachine(qemu, machine, options);
}

interface Waiter {
  check(): boolean;
  fail(code: string, is: string): void;
}

class RunningMachine implements BootedMachine {
  readonly accelerator: Accelerator["name"];
  readonly ended: Promise<QemuEnd>;
  private readonly qemu: string;
  private readonly args: readonly string[];
  private readonly options: BootOptions;
  private readonly log = new ConsoleLog();
  private readonly waiters = new Set<Waiter>();
  private readonly abort = () => this.process.kill();
  private process: QemuProcess;
  private hasEnded = false;
  private attempts = 1;
  private touched = false;

  constructor(qemu: string, machine: QemuMachine, options: BootOptions) {
    this.qemu = qemu;
    this.args = qemuArguments(machine);
    this.options = options;
    this.accelerator = machine.accelerator.name;
    this.process = this.start();
    options.signal?.addEventListener("abort", this.abort, { once: true });
    this.ended = this.untilEnd();
  }

  async waitFor(pattern: string | RegExp, timeoutMilliseconds: number): Promise<string> {
    const found = this.find(pattern);
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        check: () => {
          const match = this.find(pattern);
          if (match === undefined) return false;
          finish();
          resolve(match);
          return true;
        },
        fail: (code, is) => {
          finish();
          const shown = typeof pattern === "string" ? JSON.stringify(pattern) : String(pattern);
          reject(new AssembleError(code, `Cannot see ${shown} on the console: ${is}\n${tail(this.log.text)}`));
        },
      };
      const timer = setTimeout(
        () => waiter.fail("run/timeout", `not in ${timeoutMilliseconds / 1000} s`),
        timeoutMilliseconds,
      );
      this.waiters.add(waiter);
      if (this.hasEnded) waiter.fail("run/ended", "the machine has ended");
    });
  }

  send(text: string | Uint8Array): void {
    this.touched = true;
    this.process.write(text);
  }

  output(): string {
    return this.log.text;
  }

  retried(): boolean {
    return this.attempts > 1;
  }

  async powerOff(timeoutMilliseconds = POWER_OFF_MILLISECONDS): Promise<void> {
    this.touched = true;
    await this.process.qmp.execute("system_powerdown").catch(() => {});
    const timer = setTimeout(() => {
      // "quit" writes disks back, a kill might not
      this.process.qmp.execute("quit").catch(() => this.process.kill());
    }, timeoutMilliseconds);
    await this.ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.touched = true;
    this.process.kill();
    await this.ended;
  }

  private find(pattern: string | RegExp): string | undefined {
    const found = this.log.next(pattern);
    if (found !== undefined) this.touched = true;
    return found;
  }

  private start(): QemuProcess {
    return startQemu(this.qemu, this.args, (bytes) => {
      this.options.onConsole?.(bytes);
      this.log.append(bytes);
      if (this.attempts === 1 && !this.touched && crashedBeforeInit(this.log.text)) this.process.kill();
      else for (const waiter of this.waiters) waiter.check();
    });
  }

  private async untilEnd(): Promise<QemuEnd> {
    let end = await this.process.ended;
    if (
      this.attempts === 1 &&
      !this.touched &&
      this.options.signal?.aborted !== true &&
      crashedBeforeInit(this.log.text)
    ) {
      this.attempts = 2;
      this.options.onNotice?.("the kernel crashed before it started init; booting once more");
      this.log.clear();
      this.process = this.start();
      end = await this.process.ended;
    }
    this.hasEnded = true;
    this.options.signal?.removeEventListener("abort", this.abort);
    const why = end.messages === "" ? "the machine has ended" : `QEMU ended and says: ${end.messages}`;
    for (const waiter of [...this.waiters]) if (!waiter.check()) waiter.fail("run/ended", why);
    return end;
  }
}

/** Whether the kernel gave up on its own: what init does is not the boot's fault. */
export function crashedBeforeInit(text: string): boolean {
  // An oops need not end in a panic: what the thread held stays locked, and the boot hangs.
  return (
    /(?:Kernel panic - not syncing|Oops: ).*\n/.test(text) &&
    !/Run \S+ as init process|Attempted to kill init/.test(text)
  );
}

const TAIL_LINES = 30;

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}
