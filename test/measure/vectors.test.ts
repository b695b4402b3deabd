/** Values that others have published, or that booted images showed. */
import { describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { digestsOf } from "#dist/measure/event.js";
import { pcr11AtPhase, pcr11Events } from "#dist/measure/pcr-11.js";
import { loadOptions, mangleCommandLine } from "#dist/measure/stub-command-line.js";
import { stubInitrd } from "#dist/measure/stub-initrd.js";

describe("PCR 11", () => {
  // systemd's TEST-70-TPM2.measure.sh
  const sections = new Map([
    [".linux", contentOfText("HALLO\n")],
    [".initrd", contentOfText("foobar\n")],
  ]);
  it("is what systemd-measure calculates", async () => {
    const events = await pcr11Events({ sections, stubVersion: 257 });
    expect(pcr11AtPhase(events, ":")).toEqual({
      sha256: "37b48bd0b222394dbe3cceff2fca4660c4b0a90ae9369ec90b42f14489989c13",
      sha384: "5573f9b2caf55b1d0a6a701f890662d682af961899f0419cf1e2d5ea4a6a68c1f25bd4f5b8a0865eeee82af90f5cb087",
    });
    expect(pcr11AtPhase(events, "foo").sha256).toBe("21c49c1242042649e09c156546fd7d425ccc3c67359f840507b30be4e0f6f699");
  });

  it("has the sections in the stub's order, and only those that its version measures", async () => {
    const names = [".hwids", ".profile", ".sbat", ".uname", ".ucode", ".pcrsig", ".cmdline", ".osrel", ".linux"];
    const all = new Map(names.map((name) => [name, contentOfText(name)]));
    const measured = async (stubVersion: number) =>
      (await pcr11Events({ sections: all, stubVersion }))
        .map(({ what }) => /^the name (\S+),/.exec(what)?.[1])
        .filter((name) => name !== undefined);
    expect(await measured(252)).toEqual([".linux", ".osrel", ".cmdline"]);
    expect(await measured(255)).toEqual([".linux", ".osrel", ".cmdline", ".uname", ".sbat"]);
    const late = [".linux", ".osrel", ".cmdline", ".ucode", ".uname", ".sbat", ".profile", ".hwids"];
    expect(await measured(257)).toEqual(late);
  });
});

describe("the stub's initrd", () => {
  const initrd = contentOfBytes(new Uint8Array(5).fill(7));
  it("is the section alone up to 256, and .osrel behind it from 257 on", async () => {
    const sections = new Map([
      [".initrd", initrd],
      [".osrel", contentOfText("ID=test\n")],
    ]);
    expect((await stubInitrd(sections, 256))!.content).toBe(initrd);
    const packed = await readContent((await stubInitrd(sections, 257))!.content);
    const text = Buffer.from(packed).toString("latin1");
    expect(text.slice(0, 8)).toBe("\x07\x07\x07\x07\x07\0\0\0");
    expect(text).toContain("0000416d0000000000000000000000010000000000000000");
    expect(text).toContain("000081240000000000000000000000010000000000000008");
    expect(text).toContain(".extra/os-release\0");
    expect(text.slice(-124)).toBe(
      `070701${"0".repeat(32)}00000001${"0".repeat(48)}0000000B${"0".repeat(8)}TRAILER!!!\0\0\0\0`,
    );
    expect(packed.length % 4).toBe(0);
  });
  it("is absent where there is none", async () => {
    expect(await stubInitrd(new Map(), 257)).toBeUndefined();
  });
});

describe("the command line", () => {
  it("loses white space around it and control characters in it", () => {
    expect(mangleCommandLine(" \n console=ttyS0\tquiet\x01x \n")).toBe("console=ttyS0 quiet x");
    expect(mangleCommandLine("  ")).toBe("");
  });
  it("is measured as UTF-16 with NUL", () => {
    expect(Buffer.from(loadOptions("a")).toString("hex")).toBe("61000000");
    // The digest in the log of a booted image
    expect(digestsOf(loadOptions("console=ttyS0,115200n8 quiet")).sha256.slice(0, 16)).toBe("cd50445eb09d1f9c");
  });
});
