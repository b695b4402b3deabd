import { describe, expect, it } from "vitest";
import type { AssembleEvent } from "#dist/io/event.js";
import { memoryStore } from "../../fixtures/archive/memory-store.js";
import { archiveOf, codeOf, fetchSuite, lockedAt, serve } from "./suite-fixture.js";

describe("where mirrors do not serve, fetchRelease and fetchIndexes", () => {
  it("fall back to the index's name, then to the first snapshot at or after the Release", async () => {
    const { files, certificate } = await archiveOf();
    const snapshots = [
      { archive: "debian", timestamp: "20260731T200000Z", files: new Map<string, Uint8Array>() },
      { archive: "debian", timestamp: "20260801T020000Z", files },
      { archive: "debian", timestamp: "20260801T080000Z", files: new Map<string, Uint8Array>() },
    ];
    const snapshot = await serve({ files: new Map() }, { snapshots });
    const byName = await serve({ files }, { faults: [{ path: /by-hash/, kind: "missing" }] });
    await fetchSuite({ certificate, mirror: `${byName.url}/debian`, snapshotUrl: snapshot.url });
    expect(snapshot.requests).toHaveLength(0);

    const gone = await serve({ files }, { faults: [{ path: /by-hash|Packages/, kind: "missing" }] });
    const events: AssembleEvent[] = [];
    const onEvent = (event: AssembleEvent): void => void events.push(event);
    await fetchSuite({ certificate, mirror: `${gone.url}/debian`, snapshotUrl: snapshot.url, onEvent });
    expect(snapshot.requests.map((one) => one.path)).toEqual([
      "mr/timestamp/?archive=debian&after=20260731T235959Z&before=20260930T000000Z",
      "archive/debian/20260801T020000Z/dists/trixie/main/binary-amd64/Packages.xz",
    ]);
    const notes = events.filter((event) => event.type === "note");
    expect(notes.map((note) => note.message)).toEqual([expect.stringContaining("--mirror URL")]);
  });

  it("ask snapshot.debian.org for the latest state when there is no mirror", async () => {
    const { files, certificate } = await archiveOf();
    const snapshots = [{ archive: "debian", timestamp: "20260801T020000Z", files }];
    const snapshot = await serve({ files: new Map() }, { snapshots });
    const { indexes } = await fetchSuite({ certificate, snapshotUrl: snapshot.url });
    expect(indexes[0]?.size).toBe(1);
    expect(snapshot.requests[0]).toMatchObject({
      path: "archive/debian/20260802T000000Z/dists/trixie/InRelease",
      status: 302,
    });
  });

  it("offline, use the Release that the lock trusted, from the cache", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const cache = memoryStore();
    const mirror = `${server.url}/debian`;
    const { trusted } = await fetchSuite({ certificate, cache, mirror });
    server.requests.length = 0;
    const locked = lockedAt("2026-08-01T00:00:00Z", trusted.sha256);
    const again = await fetchSuite({ certificate, cache, mirror, locked, offline: true });
    expect(again.trusted.sha256).toBe(trusted.sha256);
    expect(again.indexes[0]?.size).toBe(1);
    expect(await codeOf(fetchSuite({ certificate, cache, mirror, offline: true }))).toBe("io/offline-missing");
    expect(server.requests).toHaveLength(0);
  });
});
