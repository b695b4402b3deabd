import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fetchPackages } from "#dist/apt/fetch-packages.js";
import { archiveKeys, archiveKeysFor, readArchiveKeys } from "#dist/apt/keys.js";
import { makeLock } from "#dist/apt/make-lock.js";
import { chooseMirrors } from "#dist/apt/mirrors.js";
import { verifyCleartext } from "#dist/apt/openpgp.js";
import { defineImage } from "#dist/config/load-recipe.js";
import { openCache } from "#dist/io/cache.js";
import { openDownloader } from "#dist/io/download.js";
import type { AssembleEvent } from "#dist/io/event.js";
import { readHostMirrorSettings } from "#dist/io/mirror.js";

// The real archive, through the mirrors that this host's apt has (contract §5); gpgv and dpkg-deb are the judges.

const directory = mkdtempSync(path.join(tmpdir(), "real-archive-"));
const cache = openCache({ directory: path.join(directory, "cache") });
afterAll(() => {
  cache.close();
  rmSync(directory, { recursive: true });
});

const recipe = defineImage({
  image: "real",
  packages: ["kmod", "systemd-boot-efi", "sysvinit-core", "zstd", "udev", "busybox", "curl"],
  archive: { extra: [{ suite: "trixie-backports", packages: ["linux-image-*"] }] },
  kernel: { package: "linux-image-cloud-amd64/trixie-backports" },
});

describe("signatures of the real archive", () => {
  const seen = new Set<string>();
  const suites = ["bookworm", "trixie"].flatMap((name) => [
    name,
    `${name}-updates`,
    `${name}-backports`,
    `${name}-security`,
  ]);

  it.each(suites)("gpgv sees the same text and the same trusted signers in %s", async (suite) => {
    const archive = suite.endsWith("-security") ? "security" : "debian";
    const mirrors = chooseMirrors({ host: await readHostMirrorSettings() });
    const downloader = openDownloader({ cache });
    const sources = mirrors[archive].map((mirror) => `${mirror}/dists/${suite}/InRelease`);
    const signed = await downloader.fetchSmall({ what: suite, sources, maxBytes: 1 << 24 });
    await downloader.close();
    const file = path.join(directory, suite);
    writeFileSync(file, signed!.bytes);
    const keys = archiveKeysFor(archive, suite);
    const keyring = path.join(directory, "keyring.gpg");
    const certificates = await readArchiveKeys(keys);
    writeFileSync(keyring, Buffer.concat(certificates.map(({ key }) => key.write())));
    const verified = await verifyCleartext(signed!.bytes, { certificates, subject: suite });
    // gpgv fails where a signature is by a key outside its keyring, but its status says which ones are good.
    const status = execFileSync(
      "sh",
      ["-c", 'gpgv --keyring "$1" --status-fd 1 --output "$2.text" "$2" || test $? = 2', "sh", keyring, file],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const good = status.split("\n").flatMap((line) => {
      const words = line.split(" ");
      return words[1] === "VALIDSIG" ? [{ fingerprint: words.at(-1)!, signedAt: Number(words[4]) * 1000 }] : [];
    });
    expect(good.length).toBeGreaterThan(0);
    expect(verified.signers).toEqual(good);
    for (const { fingerprint } of verified.signers) seen.add(fingerprint);
    const text = execFileSync("cat", [`${file}.text`], { maxBuffer: 1 << 26 });
    expect(Buffer.compare(text, verified.bytes)).toBe(0);
  });

  it("is good by every shipped key at least once", () => {
    expect([...seen].sort()).toEqual(archiveKeys.map((key) => key.fingerprint).sort());
  });
});

describe("a lock of the real archive", () => {
  it("names packages that are there, and a second one needs only the Release files", async () => {
    const lock = await makeLock(recipe, { cache });
    const entry = lock.entries[0]!;
    expect(entry.suites.map((suite) => suite.suite)).toEqual(
      expect.arrayContaining(["trixie", "trixie-updates", "trixie-security", "trixie-backports"]),
    );
    expect(entry.packages.length).toBeGreaterThan(90);
    expect(entry.kernel.map((row) => row.name)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^linux-(image|binary)-\d/)]),
    );

    const events: AssembleEvent[] = [];
    const again = await makeLock(recipe, { cache, onEvent: (event) => void events.push(event) });
    expect(again).toEqual(lock);
    expect(events.filter((event) => event.type === "progress")).toEqual([]);

    const files = await fetchPackages(entry, { cache, archive: recipe.archive });
    for (const row of [...entry.packages.map((use) => use.package), ...entry.kernel, entry.stub!]) {
      const bytes = files.get(row.sha256)!.read();
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(row.sha256);
      const file = path.join(cache.root, "blob", row.sha256);
      const fields = execFileSync("dpkg-deb", ["--field", file, "Package", "Version", "Architecture"], {
        encoding: "utf8",
      });
      expect(fields).toBe(`Package: ${row.name}\nVersion: ${row.version}\nArchitecture: ${row.architecture}\n`);
    }
    // Everything is here now: not even a mirror is needed.
    await fetchPackages(entry, { cache, archive: recipe.archive, offline: true });
  });

  it("is refused when Debian's keys are replaced by another one", async () => {
    const { archiveKey } = await import("../fixtures/archive/signing-keys.js");
    const openpgp = await import("openpgp");
    const stranger = (await openpgp.readKey({ armoredKey: archiveKey })).toPublic().armor();
    await expect(makeLock(recipe, { cache, archiveKeys: stranger })).rejects.toMatchObject({ code: "apt/key-unknown" });
  });
});
