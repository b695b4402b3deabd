import { describe, expect, it } from "vitest";
import { defineImage } from "#dist/config/load-recipe.js";
import { formatReasons, whyPackage } from "#dist/report/why-package.js";
import { entry, row } from "../config/locks.js";

const recipe = defineImage({
  image: "x",
  packages: ["web"],
  buildPackages: ["compiler"],
  kernel: { package: "linux-image-cloud-amd64" },
});
const locked = entry({
  packages: [
    { package: row("core"), stage: 1, why: "base" },
    { package: row("libc6", "2.41-12"), stage: 1, why: "core Pre-Depends libc6 (>= 2.38)" },
    { package: row("web", "2"), stage: 2, why: "recipe" },
    { package: row("ssl"), stage: 2, why: "web Depends ssl (>= 1) | tls" },
    { package: row("certs"), stage: 2, why: "ssl Recommends certs" },
  ],
  buildPackages: [
    { package: row("compiler"), stage: 2, why: "recipe" },
    { package: row("headers"), stage: 2, why: "compiler Depends headers" },
    { package: row("ssl-dev"), stage: 2, why: "certs Suggests ssl-dev" },
  ],
  kernel: [row("linux-image-6.12-cloud-amd64", "6.12-1")],
  stub: row("systemd-boot-efi", "257"),
  initramfs: [row("core"), row("veritysetup")],
});
const why = (name: string) => formatReasons(whyPackage(name, { entry: locked, recipe })).split("\n");

describe("whyPackage", () => {
  it.each([
    ["web", ["web 2", "  packages: web"]],
    ["certs", ["certs 1.0-1", "  packages: web", "  web 2 Depends ssl (>= 1) | tls", "  ssl 1.0-1 Recommends certs"]],
    ["libc6", ["libc6 2.41-12", "  base: essential", "  core 1.0-1 Pre-Depends libc6 (>= 2.38)"]],
    ["headers", ["headers 1.0-1 (buildPackages)", "  buildPackages: compiler", "  compiler 1.0-1 Depends headers"]],
    [
      "linux-image-6.12-cloud-amd64",
      ["linux-image-6.12-cloud-amd64 6.12-1 (kernel)", "  kernel.package linux-image-cloud-amd64"],
    ],
    ["systemd-boot-efi", ["systemd-boot-efi 257 (stub)", "  the UEFI stub of the UKI"]],
  ])("leads from what the recipe says to %s", (name, lines) => {
    expect(why(name)).toEqual(lines);
  });

  it("leads through the image to a build package", () => {
    expect(why("ssl-dev")).toEqual([
      "ssl-dev 1.0-1 (buildPackages)",
      "  packages: web",
      "  web 2 Depends ssl (>= 1) | tls",
      "  ssl 1.0-1 Recommends certs",
      "  certs 1.0-1 Suggests ssl-dev",
    ]);
  });

  it("has a reason for each part of the image", () => {
    expect(why("core")).toEqual([
      "core 1.0-1",
      "  base: essential",
      "",
      "core 1.0-1 (initramfs)",
      "  the initramfs that mounts the root",
    ]);
  });

  it("refuses what is not there", () => {
    const message = "Cannot say why webs is in the image: it is not, the lock has no package of that name";
    expect(() => why("webs")).toThrow(
      expect.objectContaining({ code: "lock/unknown-package", message, hint: "is web meant?" }),
    );
  });
});
