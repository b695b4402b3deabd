/**
 * Locks for tests.
 */

import type { Lock, LockEntry, LockedPackage } from "#dist/config/lock.js";

export const suites = [
  {
    id: "debian trixie",
    archive: "debian",
    suite: "trixie",
    codename: "trixie",
    components: ["main"],
    date: "2026-08-15T08:12:13Z",
    sha256: "1".repeat(64),
  },
  {
    id: "security trixie-security",
    archive: "security",
    suite: "trixie-security",
    codename: "trixie-security",
    components: ["main"],
    date: "2026-08-15T09:12:13Z",
    sha256: "2".repeat(64),
  },
] as const;

/** A row whose hash follows from its name and version. */
export function row(name: string, version = "1.0-1", more: Partial<LockedPackage> = {}): LockedPackage {
  const hash = Buffer.from(`${name}${version}`).toString("hex").padEnd(64, "0").slice(0, 64);
  return {
    name,
    version,
    architecture: "amd64",
    archive: "debian trixie",
    path: `pool/main/${name[0]}/${name}/${name}_${version}_amd64.deb`,
    size: 1000 + name.length,
    sha256: hash,
    priority: "optional",
    ...more,
  };
}

export function entry(more: Partial<LockEntry> = {}): LockEntry {
  return {
    profiles: [],
    digest: "d".repeat(64),
    suites,
    packages: [
      { package: row("libc6", "2.41-12"), stage: 1, why: "base" },
      { package: row("curl"), stage: 2, why: "recipe" },
    ],
    kernel: [row("linux-image-6.12.60+deb13-cloud-amd64", "6.12.60-1", { archive: "security trixie-security" })],
    stub: row("systemd-boot-efi", "257.9-1"),
    buildPackages: [],
    sources: [],
    ids: { users: { reth: 990 }, groups: { eth: 400, reth: 990 } },
    ...more,
  };
}

export const lockOf = (...entries: LockEntry[]): Lock => ({ entries });
