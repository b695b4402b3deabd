import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import { recipeFiles } from "./recipe-files.js";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
/** Verbatim but for `<hex>`, which stands for a hash. */
const example = read("contract-example.yaml").replaceAll("<hex>", "ab".repeat(32));
const sources = read("contract-sources.yaml").replaceAll("<40 hex>", "cd".repeat(20));

describe("the contract's example", () => {
  it("is a recipe, every key of it", async () => {
    const directory = recipeFiles({
      "main/image.yaml": example.replace("sources: []  ", "#"),
      "base/image.yaml": `packages: [bash]\n${sources}`,
    });
    const recipe = await loadRecipe(`${directory}/main`, {
      profiles: ["devtools"],
      environment: { LIGHTHOUSE_BINARY: "/opt/lighthouse", TOKEN: "s3cret", UNRELATED: "x" },
    });
    const file = (name: string, under = "main") => ({ name, path: `${directory}/${under}/${name}` });
    expect({ ...recipe, provenance: undefined }).toEqual({
      image: "tdx-debian",
      version: "1.0",
      profiles: ["devtools"],
      outputName: "tdx-debian_1.0+devtools",
      architecture: "amd64",
      hostname: "tdx-debian",
      archive: {
        suite: "trixie",
        components: ["main"],
        snapshot: "20260815T000000Z",
        mirror: "auto",
        security: true,
        updates: true,
        extra: [
          { suite: "trixie-backports", components: ["main"], packages: ["linux-image-*"] },
          {
            uri: "https://packages.example.org/debian",
            suite: "stable",
            components: ["main"],
            signedBy: file("keys/example.asc"),
            packages: ["foo"],
          },
        ],
      },
      base: "essential",
      packages: [
        { text: "bash", name: "bash", exclude: false },
        { text: "kmod", name: "kmod", exclude: false },
        { text: "udev", name: "udev", exclude: false },
        { text: "curl=8.*", name: "curl", version: "8.*", exclude: false },
        { text: "foo/trixie-backports", name: "foo", suite: "trixie-backports", exclude: false },
        { text: "-bar", name: "bar", exclude: true },
        { text: "strace", name: "strace", exclude: false },
        { text: "socat", name: "socat", exclude: false },
        { text: "vim-tiny", name: "vim-tiny", exclude: false },
      ],
      installRecommends: false,
      buildPackages: [
        { text: "cargo", name: "cargo", exclude: false },
        { text: "git", name: "git", exclude: false },
      ],
      debconf: ["tzdata tzdata/Areas select Etc"],
      overrides: [
        {
          package: "ssl-cert",
          script: "postinst",
          sha256: "ab".repeat(32),
          reason: "per-host key, made at first boot",
          effects: [],
        },
        {
          package: "x",
          script: "postinst",
          sha256: "ab".repeat(32),
          reason: "…",
          effects: [{ path: "/etc/x", type: "file", content: "…", mode: 0o644, owner: 0, group: 0 }],
        },
      ],
      skeletonTrees: [{ source: file("skeleton"), target: "/" }],
      extraTrees: [{ source: file("extra"), target: "/" }],
      templates: { data: file("env.json") },
      groups: [{ name: "eth", system: true, gid: 980 }],
      users: [
        {
          name: "reth",
          system: true,
          uid: 990,
          group: "reth",
          groups: ["eth"],
          home: "/nonexistent",
          shell: "/bin/false",
          gecos: "",
          passwordHash: "!",
        },
      ],
      services: { enable: ["reth"], disable: [], mask: [] },
      permissions: [{ path: "/etc/rclone.conf", mode: 0o600, owner: "root" }],
      scripts: {
        prepare: [],
        build: [],
        postinst: [{ file: file("scripts/postinst"), in: "shell", chroot: false }],
        finalize: [],
        postoutput: [],
      },
      sources: [
        {
          name: "reth",
          origin: {
            kind: "git",
            url: "https://github.com/paradigmxyz/reth.git",
            tag: "v1.0.8",
            commit: "cd".repeat(20),
          },
          vendor: "cargo",
          build: "cargo build --release --frozen --features jemalloc",
          environment: { RUSTFLAGS: "-C target-cpu=generic" },
          install: { "target/release/reth": "/usr/bin/reth" },
          binary: { name: "RETH_BINARY", variable: { fromHost: true, secret: false } },
        },
      ],
      kernel: {
        source: {
          kind: "package",
          package: { text: "linux-image-cloud-amd64", name: "linux-image-cloud-amd64", exclude: false },
        },
        modules: ["virtio_net", "virtio_blk", "tdx-guest"],
        load: ["virtio_blk", "tdx-guest"],
        commandLine: ["console=tty0", "console=ttyS0,115200n8", "systemd.log_level=debug"],
      },
      stub: { package: { text: "systemd-boot-efi", name: "systemd-boot-efi", exclude: false } },
      root: {
        format: "initramfs",
        location: "disk",
        verity: true,
        overlay: "tmpfs",
        sizeBytes: 512 * 1024 * 1024,
        compression: { type: "zstd", level: 15 },
      },
      initrd: { compression: { type: "zstd", level: 19 } },
      disk: {
        sizeBytes: "auto",
        espSizeBytes: "auto",
        layout: "standard",
        partitions: [
          { type: "esp" },
          { type: "root" },
          { type: "root-verity" },
          { type: "linux-generic", label: "persistent", sizeBytes: 1 << 30, format: "ext4" },
        ],
      },
      removePackages: [],
      cleanPackageMetadata: true,
      removeFiles: ["/usr/share/doc", "/etc/*-"],
      sourceDateEpoch: 0,
      seed: "630b5f72-a36a-4e83-b23d-6ef47c82fd9c",
      environment: {
        LIGHTHOUSE_BINARY: { value: "/opt/lighthouse", fromHost: true, secret: false },
        TOKEN: { value: "s3cret", fromHost: true, secret: true },
      },
      outputs: ["uki"],
      measure: undefined,
      secureBoot: { key: file("keys/db.key"), certificate: file("keys/db.crt") },
      pcrSigning: { key: file("keys/pcr.key"), phases: ["enter-initrd"] },
    });
    expect(JSON.stringify(recipe.provenance)).not.toContain("s3cret");
  });

  it("has the same meaning as a typed object", async () => {
    const directory = recipeFiles({
      "image.yaml": "image: hello\npackages: [busybox]\nkernel: { commandLine: [quiet] }\n",
    });
    const loaded = await loadRecipe(directory);
    const defined = defineImage(
      { image: "hello", packages: ["busybox"], kernel: { commandLine: ["quiet"] } },
      { directory },
    );
    expect({ ...defined, provenance: 0 }).toEqual({ ...loaded, provenance: 0 });
  });
});
