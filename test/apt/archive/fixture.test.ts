import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { buildArchive } from "../../fixtures/archive/build-archive.js";

describe("the test archive", () => {
  it("has the same bytes everywhere: its InRelease vouches for all of them", async () => {
    const { files } = await buildArchive({
      packages: [
        { name: "one", files: { "usr/bin/one": "1\n", "usr/bin/link": { type: "symlink", target: "one" } } },
        { name: "two", compression: "gzip", depends: "one", scripts: { postinst: "#!/bin/sh\n" } },
        { name: "three", compression: "none", files: { [`a/${"long".repeat(40)}`]: "3\n" } },
      ],
    });
    const inRelease = files.get("debian/dists/trixie/InRelease")!;
    expect(createHash("sha256").update(inRelease).digest("hex")).toMatchInlineSnapshot(
      `"44769801e00432b71efde4b089098d8c15ccf49fff1e65a295e64939f353f654"`,
    );
  });
});
