/** Values that others have published, or that booted images showed. */
import { describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { digestsOf, extend } from "#dist/measure/event.js";
import { pcr4Events } from "#dist/measure/pcr-4.js";
import { pcr11AtPhase, pcr11Events } from "#dist/measure/pcr-11.js";
import { chooseProfile, type Profile } from "#dist/measure/profile.js";
import type { MeasuredUki } from "#dist/measure/read-uki.js";
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

describe("an image of Flashbots with the stub of systemd 255, whose values Azure's TPM confirmed", () => {
  // flashbots-images, modules/flashbox/flashbox-l1/readme.md
  const published = {
    uki: "320af1bf8257b6fd1a47b8fa865bdde7bdfdbf235894804b6b15b676296b1ba4",
    linux: "eb1a69b12b47b6b3d4716bad94323d27173cba5f4285b918a2bf59ea5cb3c9ea",
    commandLine: "console=tty0 console=ttyS0,115200n8 mitigations=auto,nosmt spec_store_bypass_disable=on nospectre_v2",
    sections: {
      ".linux": [
        "0da293e37ad5511c59be47993769aacb91b243f7d010288e118dc90e95aaef5a",
        "7439b377dbba898b0db23928be49fb906aa5551cfc01395bc37b8bd50d8f5530",
      ],
      ".osrel": [
        "3fb9e4e3cc810d4326b5c13cef18aee1f9df8c5f4f7f5b96665724fa3b846e08",
        "94e5e922dec19c3ab3e3c85b5d30dbb563098a430418a70c11a5b729721fae39",
      ],
      ".cmdline": [
        "461203a89f23e36c3a4dc817f905b00484d2cf7e7d9376f13df91c41d84abe46",
        "5b20d03fb990ccafdcfa1ddb37feff37141e728776ed89f335798f3c3899a135",
      ],
      ".initrd": [
        "15ee37e75f1e8d42080e91fdbbd2560780918c81fe3687ae6d15c472bbdaac75",
        "0cc531c70b473425e513310dfb4cbcfd5161444a07d318b4d5b816f557d589a6",
      ],
      ".uname": [
        "da7a6d941caa9d28b8a3665c4865c143db8f99400ac88d883370ae3021636c30",
        "2200d673ad92228af377b9573ed86e7a4e36a87a2a9a08d8c1134aca3ddb021c",
      ],
      ".sbat": [
        "ff552fd255be18a3d61c0da88976fc71559d13aad12d1dfe1708cf950cc4b74c",
        "eae67f3a8f5614d71bd75143feeecbb3c12cd202192e2830f0fb1c6df0f4a139",
      ],
    } as Readonly<Record<string, readonly [string, string]>>,
  };
  const digests = (sha256: string) => ({ sha256, sha384: "" });

  it("has the same PCR 4", () => {
    const uki = { authenticode: digests(published.uki), kernelAuthenticode: digests(published.linux) } as MeasuredUki;
    const profile = { bootPath: "esp", innerKernelMeasured: true } as Profile;
    const events = pcr4Events(uki, profile).map((event) => event.digests!.sha256);
    expect(extend("sha256", events)).toBe("176543f594059b26292565a3c07b5eaa34122cf2ce7f53b149b6fb85c3046d30");
  });

  it("has the same PCR 9, from its command line and initrd", () => {
    const events = [digestsOf(loadOptions(published.commandLine)).sha256, published.sections[".initrd"]![1]];
    expect(extend("sha256", events)).toBe("817c80c72f0a42bd72d4c7130f0d48c39a6d3ac6def92da085dec16feb822518");
  });

  it("has the same PCR 11: names, order, and what is measured", async () => {
    const names = [...Object.keys(published.sections), ".data", ".text"].reverse();
    const sections = new Map(names.map((name) => [name, contentOfText(name)]));
    const events = await pcr11Events({ sections, stubVersion: 255 });
    const named = events.filter((_, i) => i % 2 === 0).map(({ digests: found }) => found!.sha256);
    expect(named).toEqual(Object.values(published.sections).map(([name]) => name));
    // What we have of the contents is their digests.
    const all = Object.values(published.sections).flat();
    expect(extend("sha256", all)).toBe("46a1b5dd625d967205699242a2de2815e539424c3132306b91f31bcda442693f");
  });
});

describe("measured-boot's own case", () => {
  it("has the same PCR 11", async () => {
    const sections = new Map([".initrd", ".linux", ".text"].map((name) => [name, contentOfText(name)]));
    const names = (await pcr11Events({ sections, stubVersion: 255 })).filter((_, i) => i % 2 === 0);
    const [linux, initrd] = names.map(({ digests }) => digests!.sha256);
    const events = [linux!, "00".repeat(32), initrd!, "01".repeat(32)];
    expect(extend("sha256", events)).toBe("9dfe399fcd4432639f0e20f49df823aa66b095f0664f0a4b9fbdc11ea64683e2");
  });
});

describe("versions of the stub", () => {
  const uki = (stubVersion: number) => ({ stubVersion, kernelRelease: "6.12.60" }) as MeasuredUki;
  const choose = (version: number) =>
    chooseProfile(uki(version), { platform: "qemu-tdx", bootPath: "kernel", secureBoot: false });
  it("are known where they were proven, and refused elsewhere", () => {
    for (const version of [252, 255, 257, 262]) expect(choose(version).stubVersion).toBe(version);
    for (const version of [250, 251, 253, 254, 256, 258, 259, 260, 261, 263])
      expect(() => choose(version), String(version)).toThrow(
        expect.objectContaining({ code: "measure/profile-unknown" }),
      );
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
