import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { type BootOptions, bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { runImage } from "#dist/sandbox/qemu/run-image.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeKernel, makeStub } from "../../fixtures/pe/make-pe.js";

const qemu = fileURLToPath(new URL("../../fixtures/qemu/fake-qemu.mjs", import.meta.url));
const options: BootOptions = { qemu, firmware: { code: "/code", variables: "/vars", format: "raw" } };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "boot-image-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A UKI whose name tells the fake QEMU what its guest does. */
async function image(guest: string): Promise<string> {
  const path = join(directory, `guest-${guest}.efi`);
  const uki = await writeUki({ stub: contentOfBytes(makeStub()), kernel: contentOfBytes(makeKernel()) });
  writeFileSync(path, await readContent(uki));
  return path;
}

function starts(path: string): string[][] {
  return readFileSync(`${path}.starts`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("bootImage", () => {
  it("waits for texts one after the other, types, and ends", async () => {
    const machine = await bootImage(await image("echo"), options);
    expect(machine.accelerator).toBe("tcg");
    expect(await machine.waitFor(/READ(Y)\n/, 20_000)).toBe("READY\n");
    machine.send("one\n");
    expect(await machine.waitFor("GOT<one\n>", 20_000)).toBe("GOT<one\n>");
    await expect(machine.waitFor("READY", 50)).rejects.toMatchObject({ code: "run/timeout" });
    machine.send("off\n");
    expect(await machine.ended).toEqual({ status: 0, messages: "" });
    await expect(machine.waitFor("more", 20_000)).rejects.toMatchObject({ code: "run/ended" });
    expect(machine.output()).toContain("READY\nGOT<one\n>");
  });

  it("finds text that comes in pieces with escape sequences between", async () => {
    const machine = await bootImage(await image("slow"), options);
    expect(await machine.waitFor("first\nsecond", 20_000)).toBe("first\nsecond");
    await machine.kill();
  });

  it("gives up with the end of the console in the message", async () => {
    const machine = await bootImage(await image("slow"), options);
    await machine.waitFor("second", 10_000);
    await expect(machine.waitFor("third", 50)).rejects.toThrow(/Cannot see "third".*not in 0.05 s\nfirst\nsecond/s);
    const waiting = machine.waitFor(/third/, 20_000);
    await machine.kill();
    await expect(waiting).rejects.toMatchObject({ code: "run/ended" });
  });

  it("boots once more after a panic before init, and says so", async () => {
    const notices: string[] = [];
    const path = await image("panics-once");
    const machine = await bootImage(path, { ...options, onNotice: (text) => notices.push(text) });
    await machine.waitFor("READY", 20_000);
    expect(machine.retried()).toBe(true);
    expect(notices).toEqual([expect.stringContaining("booting once more")]);
    expect(starts(path)).toHaveLength(2);
    expect(machine.output()).not.toContain("panic");
    await machine.kill();
  });

  it("boots once more after an oops before init", async () => {
    const machine = await bootImage(await image("oops-once"), options);
    await machine.waitFor("READY", 10_000);
    expect(machine.retried()).toBe(true);
    await machine.kill();
  });

  it("takes a panic as it is once a text has been seen", async () => {
    const path = await image("panics-late");
    const machine = await bootImage(path, options);
    await machine.waitFor("READY", 10_000);
    await machine.waitFor("Kernel panic", 10_000);
    await machine.kill();
    expect(starts(path)).toHaveLength(1);
  });

  it("boots at most twice", async () => {
    const path = await image("panics-always");
    const machine = await bootImage(path, options);
    await machine.waitFor("Kernel panic", 10_000);
    expect(starts(path)).toHaveLength(2);
    await expect(machine.waitFor("READY", 50)).rejects.toMatchObject({ code: "run/timeout" });
    expect(starts(path)).toHaveLength(2);
    await machine.kill();
  });

  it("takes a panic of init as it is", async () => {
    const path = await image("panics-in-init");
    const machine = await bootImage(path, options);
    await machine.waitFor("Attempted to kill init", 20_000);
    await machine.kill();
    expect(machine.retried()).toBe(false);
    expect(starts(path)).toHaveLength(1);
  });

  it("presses the power button, and switches off who does not listen", async () => {
    const polite = await bootImage(await image("polite"), options);
    await polite.waitFor("READY", 20_000);
    await polite.powerOff();
    expect(polite.output()).toContain("powering down");
    const deaf = await bootImage(await image("deaf"), options);
    await deaf.waitFor("READY", 20_000);
    await deaf.powerOff(20);
    expect((await deaf.ended).status).toBe(0);
    await deaf.powerOff();
  });

  it("passes disks, ports, memory and firmware to QEMU, and makes a missing disk", async () => {
    const path = await image("plain");
    const disk = join(directory, "a,b.qcow2");
    const machine = await bootImage(path, {
      ...options,
      memoryBytes: 3 * 2 ** 30 + 1,
      cpus: 3,
      disks: [
        { file: disk, sizeBytes: 2 ** 30 },
        { file: path, serial: "second", readOnly: true },
      ],
      forwards: [{ host: 8080, guest: 80 }],
      exitOnReboot: true,
    });
    await machine.waitFor("READY", 20_000);
    await machine.kill();
    const line = starts(path)[0]!.join(" ");
    expect(line).toContain("-smp 3 -m 3073");
    expect(line).toContain("-no-reboot");
    expect(line).toContain(`if=none,id=disk0,format=qcow2,file=${disk.replace(",", ",,")},discard=unmap`);
    expect(line).toContain("virtio-blk-pci,drive=disk0,serial=persistent");
    expect(line).toContain(`id=disk1,format=raw,file=${path},readonly=on`);
    expect(line).toContain("virtio-blk-pci,drive=disk1,serial=second");
    expect(line).toContain("user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80");
    expect(line).toContain("unit=0,format=raw,readonly=on,file=/code");
    expect(line).toContain("unit=1,format=raw,snapshot=on,file=/vars");
    expect(readFileSync(disk).subarray(0, 4).toString("latin1")).toBe("QFI\xfb");
  });

  it("ends with the signal", async () => {
    const controller = new AbortController();
    const machine = await bootImage(await image("deaf"), { ...options, signal: controller.signal });
    await machine.waitFor("READY", 20_000);
    controller.abort();
    expect((await machine.ended).status).toBeUndefined();
    await expect(bootImage(await image("deaf"), { ...options, signal: controller.signal })).rejects.toThrow(/abort/i);
  });

  it("refuses what is no UKI", async () => {
    const text = join(directory, "x.efi");
    writeFileSync(text, "no image");
    await expect(bootImage(text, options)).rejects.toMatchObject({ code: "run/artifact-invalid" });
    writeFileSync(text, makeStub());
    await expect(bootImage(text, options)).rejects.toMatchObject({ code: "run/artifact-invalid" });
    await expect(bootImage(join(directory, "none"), options)).rejects.toMatchObject({ code: "run/artifact-invalid" });
  });

  it("refuses a disk that cannot be", async () => {
    const path = await image("plain");
    for (const disk of [
      { file: directory },
      { file: join(directory, "no/such/directory/d.qcow2") },
      { file: join(directory, "d.qcow2"), serial: "a,b" },
      { file: join(directory, "d.qcow2"), serial: "x".repeat(21) },
    ])
      await expect(bootImage(path, { ...options, disks: [disk] })).rejects.toMatchObject({ code: "run/disk-invalid" });
    await expect(
      bootImage(path, { ...options, disks: [{ file: join(directory, "e.qcow2"), sizeBytes: 0 }] }),
    ).rejects.toMatchObject({ code: "disk/size-invalid" });
  });

  it("survives a QEMU that cannot be started", async () => {
    const path = await image("plain");
    const machine = await bootImage(path, { ...options, qemu: "/nonexistent/qemu" });
    expect(await machine.ended).toMatchObject({ status: undefined, messages: expect.stringContaining("ENOENT") });
    await expect(runImage(path, { ...options, qemu: "/nonexistent/qemu" })).rejects.toMatchObject({
      code: "run/qemu-failed",
    });
  });
});

describe("runImage", () => {
  it("tells how it went", async () => {
    expect(await runImage(await image("plain"), { ...options, expect: "READY" })).toMatchObject({
      outcome: "expected",
    });
    expect(await runImage(await image("ends"), { ...options, expect: "READY" })).toMatchObject({ outcome: "ended" });
    expect(
      await runImage(await image("deaf"), { ...options, expect: "never", timeoutMilliseconds: 200 }),
    ).toMatchObject({ outcome: "timeout", retried: false, accelerator: "tcg" });
    expect(await runImage(await image("panics-once"), { ...options, expect: /READY/ })).toMatchObject({
      retried: true,
    });
  });

  it("reports QEMU's own failure with its words", async () => {
    await expect(runImage(await image("fails"), options)).rejects.toMatchObject({
      code: "run/qemu-failed",
      message: expect.stringContaining("host forwarding rule"),
    });
  });

  it("shows the console and takes the keyboard until Ctrl-A X", async () => {
    const keyboard = new PassThrough();
    const console = new PassThrough();
    let shown = "";
    console.on("data", (chunk) => {
      shown += chunk;
      if (shown.endsWith("READY\r\n")) keyboard.write("hi\x01\x01");
      if (shown.endsWith("\x01>")) keyboard.write("\x01x");
    });
    const result = await runImage(await image("echo"), { ...options, console, keyboard });
    expect(result.outcome).toBe("stopped");
    expect(shown).toBe("READY\r\nGOT<hi\x01>");
    expect(keyboard.listenerCount("data")).toBe(0);
  });

  it("stops with the signal's reason", async () => {
    const controller = new AbortController();
    const running = runImage(await image("deaf"), { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a program that is ended", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("takes its machine with it on %s", async (signal) => {
    const path = await image("deaf");
    const program = `
      import { bootImage } from ${JSON.stringify(import.meta.resolve("#dist/sandbox/qemu/boot-image.js"))};
      const machine = await bootImage(${JSON.stringify(path)}, ${JSON.stringify(options)});
      await machine.waitFor("READY", 10000);
      console.log("READY");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    // The pipe stays open for as long as the machine has it
    const ended = new Promise((resolve) => child.once("close", (_, by) => resolve(by)));
    child.kill(signal);
    expect(await ended).toBe(signal);
    const pid = Number(readFileSync(`${path}.pid`, "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  });

  it("leaves the signal to a program that handles it", async () => {
    const path = await image("deaf");
    const program = `
      import { runImage } from ${JSON.stringify(import.meta.resolve("#dist/sandbox/qemu/run-image.js"))};
      const controller = new AbortController();
      process.once("SIGINT", () => controller.abort());
      const options = { ...${JSON.stringify(options)}, signal: controller.signal, console: process.stdout };
      await runImage(${JSON.stringify(path)}, options).catch((error) => console.log(error.name));
      process.exitCode = 130;`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      if (output === "READY\r\n") child.kill("SIGINT");
    });
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(output).toBe("READY\r\nAbortError\n");
    expect(status).toBe(130);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
