/**
 * kernel/check-config.sh: an option that Kconfig drops is an error. The whole of base and fragments is held against a
 * real kernel in test/heavy/kernel-config.test.ts.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const kernel = path.resolve(import.meta.dirname, "../../kernel");

function check(final: string, ...requested: string[]) {
  const directory = mkdtempSync(path.join(tmpdir(), "check-config-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const names = requested.map((_, i) => `requested${i}.config`);
  writeFileSync(path.join(directory, "final"), final);
  for (const [i, text] of requested.entries()) writeFileSync(path.join(directory, names[i]!), text);
  const { status, stdout, stderr } = spawnSync("sh", [path.join(kernel, "check-config.sh"), "final", ...names], {
    cwd: directory,
    encoding: "utf8",
  });
  return { status, lines: stdout.trimEnd().split("\n"), stderr };
}

const final = `#
# Automatically generated file; DO NOT EDIT.
CONFIG_A=y
CONFIG_B=m
# CONFIG_C is not set
CONFIG_TEXT="a b=c"
CONFIG_NUMBER=512
CONFIG_AB=y
`;

describe("check-config.sh", () => {
  it("accepts what is there as it was requested", () => {
    const requested =
      'CONFIG_A=y\n# CONFIG_C is not set\n# CONFIG_GONE is not set\nCONFIG_TEXT="a b=c"\n# words\n\nCONFIG_NUMBER=512\n';
    expect(check(final, requested)).toMatchObject({ status: 0, lines: ["5 options survived"] });
    expect(check(final, requested.replaceAll("\n", " \r\n"))).toMatchObject({ status: 0 });
  });

  it.each([
    ["CONFIG_B=y", "CONFIG_B=y was dropped, the kernel has m"],
    ["CONFIG_C=y", "CONFIG_C=y was dropped, the kernel has n"],
    ["CONFIG_GONE=y", "CONFIG_GONE=y was dropped, the kernel has no such option, or one it depends on is off"],
    ["# CONFIG_A is not set", "CONFIG_A=n was dropped, the kernel has y"],
    ["CONFIG_NUMBER=64", "CONFIG_NUMBER=64 was dropped, the kernel has 512"],
    ['CONFIG_TEXT="a"', 'CONFIG_TEXT="a" was dropped, the kernel has "a b=c"'],
  ])("refuses %s", (line, message) => {
    const result = check(final, `CONFIG_A=y\n${line}\n`.replace(/CONFIG_A=y\n(?=# CONFIG_A)/, "\n"));
    expect(result.status).toBe(1);
    expect(result.lines).toEqual([
      `requested0.config:2: ${message}`,
      expect.stringMatching(/^1 of [12] options did not survive$/),
    ]);
  });

  it("names every option that is lost", () => {
    const result = check(final, "CONFIG_X=y\nCONFIG_A=y\nCONFIG_Y=y\n", "CONFIG_Z=y\n");
    expect(result.lines.map((line) => line.split(" ")[0])).toEqual([
      "requested0.config:1:",
      "requested0.config:3:",
      "requested1.config:1:",
      "3",
    ]);
  });

  it("lets a later file, or line, override an earlier one", () => {
    expect(check(final, "CONFIG_A=m\nCONFIG_C=y\n", "CONFIG_A=y\n", "# CONFIG_C is not set\n")).toMatchObject({
      status: 0,
    });
    expect(check(final, "CONFIG_A=y\n", "CONFIG_A=m\n")).toMatchObject({
      status: 1,
      lines: [expect.stringContaining("requested1.config:1: CONFIG_A=m"), expect.anything()],
    });
  });

  it.each(["CONFIG_A = y", " CONFIG_A=y", "CONFIGA=y", "# CONFIG_A is not set.", "#CONFIG_A=y"])(
    "refuses the line %j, which Kconfig would take for a comment",
    (line) => {
      const result = check(final, `${line}\n`);
      expect(result).toMatchObject({
        status: 1,
        lines: [`requested0.config:1: this is no option: ${line}`, expect.anything()],
      });
    },
  );

  it("is called with files that are there", () => {
    expect(check(final)).toMatchObject({ status: 2, stderr: expect.stringContaining("usage") });
    const none = path.join(kernel, "none");
    const missing = spawnSync("sh", [path.join(kernel, "check-config.sh"), none, none], { encoding: "utf8" });
    expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining(`cannot read ${none}`) });
  });
});

describe("base and fragments", () => {
  const fragments = readdirSync(path.join(kernel, "fragments"));
  const read = (name: string) => readFileSync(path.join(kernel, name), "utf8");

  it("state every option once, with built-in values only", () => {
    for (const name of ["base.config", ...fragments.map((each) => `fragments/${each}`)]) {
      const text = read(name);
      const names = [...text.matchAll(/^(?:# )?(CONFIG_\w+)(?:=| is not set$)/gm)].map((match) => match[1]);
      expect(names.length, name).toBeGreaterThan(2);
      expect(new Set(names).size, name).toBe(names.length);
      expect(text, name).not.toMatch(/^CONFIG_\w+=m$/m);
      // Held against itself it survives, so every line of it is one that the script reads.
      expect(check(text, text), name).toMatchObject({ status: 0, lines: [`${names.length} options survived`] });
    }
  });

  it("have what the issue asks for", () => {
    const base = read("base.config");
    for (const option of [
      ...["INTEL_TDX_GUEST", "TDX_GUEST_DRIVER", "TSM_REPORTS", "CONFIGFS_FS", "EFI_STUB", "SERIAL_8250_CONSOLE"],
      ...["VIRTIO_PCI", "VIRTIO_BLK", "SCSI_VIRTIO", "VIRTIO_NET", "VIRTIO_VSOCKETS", "VIRTIO_CONSOLE"],
      ...["EXT4_FS", "SQUASHFS", "EROFS_FS", "OVERLAY_FS", "DM_VERITY", "DM_CRYPT", "NF_TABLES", "RD_ZSTD"],
      ...["USER_NS", "PID_NS", "NET_NS", "IPC_NS", "UTS_NS", "CGROUPS", "MEMCG", "CGROUP_PIDS", "CGROUP_BPF"],
    ]) {
      expect(base).toContain(`\nCONFIG_${option}=y\n`);
    }
    expect(base).toContain("\n# CONFIG_MODULES is not set\n");
    expect(read("fragments/cmdline-override.config")).toContain("\nCONFIG_CMDLINE_OVERRIDE=y\n");
    expect(read("fragments/lock-down.config")).toContain("\nCONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY=y\n");
  });

  it("are the fragments that the flake offers", () => {
    const offered = /offered = \[([^\]]*)\]/.exec(read("flake.nix"))?.[1] ?? "";
    expect([...offered.matchAll(/"([^"]+)"/g)].map((match) => `${match[1]}.config`)).toEqual([...fragments].sort());
  });
});

describe("configure.sh", () => {
  it("hands Kconfig each option once, as stated last, and checks what it makes of them", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "configure-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const write = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
    write("a", "CONFIG_A=y\nCONFIG_B=y\n# note\n");
    write("b", "# CONFIG_A is not set\nCONFIG_C=1\n");
    // A kernel tree whose olddefconfig drops C and sets D.
    write("Makefile", "olddefconfig:\n\tcp $(O)/.config $(O)/seen\n\tsed -i '/_C=/d; $$aCONFIG_D=y' $(O)/.config\n");
    const run = (...files: string[]) =>
      spawnSync("sh", [path.join(kernel, "configure.sh"), ".", "out", ...files], { cwd: directory, encoding: "utf8" });
    const dropped = run("a", "b");
    expect(dropped.status).toBe(1);
    expect(dropped.stdout).toMatch(/^b:2: CONFIG_C=1 was dropped/);
    expect(readFileSync(path.join(directory, "out/seen"), "utf8")).toBe(
      "# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=1\n",
    );
    expect(run("a")).toMatchObject({ status: 0, stdout: "2 options survived\n" });
    expect(run()).toMatchObject({ status: 2 });
  });

  it("and check-config.sh are sh, not bash", () => {
    for (const name of ["configure.sh", "check-config.sh"]) execFileSync("sh", ["-n", path.join(kernel, name)]);
  });
});
