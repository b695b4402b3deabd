import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { archiveKeys, archiveKeysFor, readArchiveKeys } from "#dist/apt/keys.js";

describe("the shipped keys", () => {
  it("are the pinned ones, and nothing else is shipped", async () => {
    const certificates = await readArchiveKeys(archiveKeys);
    expect(certificates.map((one) => one.fingerprint)).toEqual(archiveKeys.map((one) => one.fingerprint));
    const shipped = (await readdir(new URL("../../keys", import.meta.url))).map((name) => `keys/${name}`);
    expect(shipped.sort()).toEqual(archiveKeys.map((one) => one.file).sort());
  });

  it("are refused if a file holds another key", async () => {
    const [first, second] = archiveKeys;
    const swapped = { ...first!, file: second!.file };
    await expect(readArchiveKeys([swapped])).rejects.toMatchObject({ code: "apt/key-invalid" });
  });
});

describe("archiveKeysFor", () => {
  const owners = (archive: "debian" | "security", suite: string) =>
    archiveKeysFor(archive, suite).map((key) => key.file.replace(/^keys\/debian-archive-|\.asc$/g, ""));

  it("keeps the security archive's keys and each release's stable key to their suites", () => {
    expect(owners("debian", "trixie")).toEqual(["bookworm-automatic", "trixie-automatic", "trixie-stable"]);
    expect(owners("debian", "bookworm")).toEqual(["bookworm-automatic", "trixie-automatic", "bookworm-stable"]);
    expect(owners("debian", "trixie-updates")).toEqual(["bookworm-automatic", "trixie-automatic"]);
    expect(owners("debian", "trixie-backports")).toEqual(["bookworm-automatic", "trixie-automatic"]);
    expect(owners("security", "trixie-security")).toEqual(["bookworm-security-automatic", "trixie-security-automatic"]);
  });
});
