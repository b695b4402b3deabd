import { describe, expect, it } from "vitest";
import { checkErofsRoot } from "#dist/rootfs/modules/boot-files.js";

describe("checkErofsRoot", () => {
  it.each([
    ["6.1.0-39-cloud-amd64", "lz4"],
    ["6.1.0-39-cloud-amd64", "none"],
    ["6.6.1", "gzip"],
    ["6.10.3", "zstd"],
    ["6.12.107+deb13-cloud-amd64", "zstd"],
    ["7.0.0", "gzip"],
  ] as const)("lets %s mount %s", (release, compression) => {
    expect(() => checkErofsRoot(release, compression)).not.toThrow();
  });

  it.each([
    ["6.1.0-39-cloud-amd64", "gzip", "6.6"],
    ["6.1.0-39-cloud-amd64", "zstd", "6.10"],
    ["6.9.12", "zstd", "6.10"],
    ["5.10.0-30-amd64", "lz4", "5.13"],
    ["4.19.0", "none", "5.4"],
  ] as const)("refuses %s for %s", (release, compression, wanted) => {
    expect(() => checkErofsRoot(release, compression)).toThrow(
      expect.objectContaining({
        code: "kernel/root-unreadable",
        message: expect.stringContaining(`the kernel is ${release}, Linux ${wanted} or later was wanted`),
      }),
    );
  });
});
