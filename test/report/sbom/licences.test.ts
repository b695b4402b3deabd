/** Licences of machine-readable copyright files, as SPDX expressions. */
import { describe, expect, it } from "vitest";
import { uuidOfUrl } from "#dist/report/sbom/name-uuid.js";
import { packageUrl } from "#dist/report/sbom/package-url.js";
import { readCopyright } from "#dist/report/sbom/read-copyright.js";

const FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
const read = (text: string) => readCopyright(new TextEncoder().encode(text));
const expressionOf = (synopsis: string) =>
  read(`${FORMAT}\nFiles: *\nCopyright: x\nLicense: ${synopsis}\n`)?.expression;

const EXPAT = `Permission is hereby granted, free of charge, to any person obtaining a
 copy of this software and associated documentation files (the "Software"),
 to deal in the Software without restriction, including without limitation
 the rights to use, copy, modify, merge, publish, distribute, sublicense,
 and/or sell copies of the Software.
 .
 The above copyright notice and this permission notice shall be included.`;

describe("an expression", () => {
  it.each([
    ["GPL-2+", "GPL-2.0-or-later"],
    ["GPL-2.0-only", "GPL-2.0-only"],
    ["GPLv3+", "GPL-3.0-or-later"],
    ["LGPL-2", "LGPL-2.0-only"],
    ["lgpl-2.1+", "LGPL-2.1-or-later"],
    ["GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"],
    ["GFDL-1.3+-no-invariant", "GFDL-1.3-no-invariants-or-later"],
    ["Expat", "MIT"],
    ["BSD-3-clause", "BSD-3-Clause"],
    ["Apache-2.0", "Apache-2.0"],
    ["CC0", "CC0-1.0"],
    ["GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0"],
    ["GPL-2+ or Artistic-2.0, and BSD-3-clause", "(GPL-2.0-or-later OR Artistic-2.0) AND BSD-3-Clause"],
    ["GPL-2 or ISC and Zlib", "GPL-2.0-only OR (ISC AND Zlib)"],
    ["GPL-2+ with Libtool exception", "GPL-2.0-or-later WITH Libtool-exception"],
    ["GPL-2 with Linux-syscall-note exception OR BSD-3-Clause", "GPL-2.0-only WITH Linux-syscall-note OR BSD-3-Clause"],
    ["ISC and ISC", "ISC"],
  ])("of %s", (synopsis, expression) => {
    expect(expressionOf(synopsis)).toBe(expression);
  });

  it.each([
    "GPL",
    "public-domain",
    "BSD",
    "GPL-4",
    "GPL-2+ with OpenSSL exception",
    "permission to do anything",
    "MIT",
    "GPL-2 and",
    "GFDL-NIV",
  ])("of %s is a reference: SPDX has no one text for it", (synopsis) => {
    expect(expressionOf(synopsis)).toMatch(/^LicenseRef-Debian-[A-Za-z0-9.-]+-[0-9a-f]{8}$/);
  });

  it("of MIT is MIT where the text is Expat's", () => {
    expect(expressionOf(`MIT\n ${EXPAT}`)).toBe("MIT");
    expect(expressionOf(`MIT\n ${EXPAT}\n .\n Except as contained in this notice, no.`)).toMatch(/^LicenseRef/);
  });
});

describe("a copyright file", () => {
  it("is the conjunction of its Files paragraphs; texts come from the paragraphs of licences", () => {
    const found = read(`${FORMAT}Source: x

Files: *
Copyright: a
License: GPL-2+ or odd

Files: debian/*
Copyright: b
License: Expat

Files: c
Copyright: c
License: own
 Its own
 .
 text.

License: odd
 Odd text.

License: GPL-2+
 See /usr/share/common-licenses.
`)!;
    const [odd, own] = found.extracted;
    expect(found.expression).toBe(`(GPL-2.0-or-later OR ${odd!.id}) AND MIT AND ${own!.id}`);
    expect([odd!.text, own!.text]).toEqual(["Odd text.", "Its own\n\ntext."]);
    expect(found.extracted).toHaveLength(2);
  });

  it("has the same references for the same text, others for another", () => {
    const id = (text: string) => read(`${FORMAT}\nFiles: *\nLicense: odd\n ${text}\n`)!.extracted[0]!.id;
    expect(id("one")).toBe(id("one"));
    expect(id("one")).not.toBe(id("two"));
  });

  it.each([
    ["prose", "This package was debianized by somebody.\n\nCopyright: GPL\n"],
    ["another format", "Format: http://example.org/\n\nFiles: *\nLicense: GPL-2\n"],
    ["nothing", ""],
    ["no licence", `${FORMAT}\nFiles: *\nCopyright: x\n`],
    ["a mistake", `${FORMAT}\nFiles: *\nFiles: b\nLicense: GPL-2\n`],
  ])("that is %s states none", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it("may be bytes of any kind", () => {
    for (let seed = 1; seed < 300; seed++) {
      const bytes = new TextEncoder().encode(`${FORMAT}\nFiles: *\nLicense: GPL-2+ or odd, and x\n text\n`);
      for (let i = 0; i < 4; i++) bytes[(seed * 7919 + i * 104_729) % bytes.length] = (seed * 31 + i * 17) & 0xff;
      const found = readCopyright(bytes);
      expect(found === undefined || found.expression.length > 0).toBe(true);
    }
  });
});

describe("a package URL", () => {
  it("is that of the specification's examples and of Debian's names", () => {
    const debian = { architecture: "amd64", archive: "debian", codename: "trixie" };
    expect(packageUrl({ ...debian, name: "curl", version: "7.50.3-1", architecture: "i386", codename: "jessie" })).toBe(
      "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
    );
    expect(packageUrl({ ...debian, name: "libstdc++6", version: "1:14.2.0+a~b-19", codename: "trixie-security" })).toBe(
      "pkg:deb/debian/libstdc%2B%2B6@1:14.2.0%2Ba~b-19?arch=amd64&distro=trixie",
    );
    const other = {
      ...debian,
      name: "foo",
      version: "1",
      archive: "https://User@Packages.example.org/debian",
      codename: "stable",
    };
    expect(packageUrl(other)).toBe(
      "pkg:deb/packages.example.org/foo@1?arch=amd64&distro=stable&repository_url=https:%2F%2FUser%40Packages.example.org%2Fdebian",
    );
  });
});

it("UUIDs of names are those of RFC 9562", () => {
  // Python: uuid.uuid5(uuid.NAMESPACE_URL, "https://www.example.com")
  expect(uuidOfUrl("https://www.example.com")).toBe("a0787afd-c170-5773-8d60-02739168de9f");
});
