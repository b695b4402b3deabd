/**
 * Short names of licences in machine-readable copyright files, and the SPDX identifiers that they stand for.
 *
 * Specification: the machine-readable debian/copyright file 1.0 (DEP-5), section "License specification"; SPDX licence list 3.27.
 * A name is translated where DEP-5 defines it, or where it is spelt as SPDX spells it and SPDX knows one text of that name. Every
 * other name (public-domain, GPL without a version, BSD-like, …) stays what it is, with the text that the file has of it.
 */

/** GNU licences: versions that exist, and how SPDX writes each. */
const GNU: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gpl: { "1": "GPL-1.0", "2": "GPL-2.0", "3": "GPL-3.0" },
  lgpl: { "2": "LGPL-2.0", "2.1": "LGPL-2.1", "3": "LGPL-3.0" },
  agpl: { "3": "AGPL-3.0" },
  gfdl: { "1.1": "GFDL-1.1", "1.2": "GFDL-1.2", "1.3": "GFDL-1.3" },
  "gfdl-niv": { "1.1": "GFDL-1.1-no-invariants", "1.2": "GFDL-1.2-no-invariants", "1.3": "GFDL-1.3-no-invariants" },
};

/** DEP-5's names that differ from SPDX's by more than case. */
const RENAMED: Readonly<Record<string, string>> = {
  expat: "MIT",
  artistic: "Artistic-1.0",
  "apache-2": "Apache-2.0",
  bsl: "BSL-1.0",
  "bsl-1": "BSL-1.0",
  cc0: "CC0-1.0",
  "openldap-2.8": "OLDAP-2.8",
  zope: "ZPL-1.1",
  "zope-1.1": "ZPL-1.1",
  "zope-2.0": "ZPL-2.0",
  "zope-2.1": "ZPL-2.1",
  "python-2": "Python-2.0",
  "mpl-2": "MPL-2.0",
  "wtfpl-2": "WTFPL",
  "efl-1": "EFL-1.0",
  "efl-2": "EFL-2.0",
};

/** Names that are SPDX's own. */
const SPDX_NAMES = `
0BSD AFL-2.1 AFL-3.0 Apache-1.0 Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 BSD-1-Clause BSD-2-Clause
BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Attribution BSD-3-Clause-LBNL BSD-4-Clause BSD-4-Clause-UC BSD-Source-Code BSL-1.0 Beerware
CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1
CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C CPL-1.0 EFL-1.0 EFL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL FSFULLR FSFULLRWD FTL HPND
ICU IJG ISC Info-ZIP JSON LPPL-1.0 LPPL-1.1 LPPL-1.2 LPPL-1.3a LPPL-1.3c Latex2e Libpng MIT-0 MIT-CMU MPL-1.0 MPL-1.1 MPL-2.0 MS-PL NCSA NTP
OFL-1.0 OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01 PSF-2.0 PostgreSQL Python-2.0 QPL-1.0 RSA-MD Ruby SGI-B-2.0 SMLNJ Sleepycat TCL TCP-wrappers
Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016 Unlicense Vim W3C WTFPL X11 XFree86-1.1 ZPL-2.0 ZPL-2.1 Zlib bzip2-1.0.6 curl libtiff`;

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ...SPDX_NAMES.trim()
    .split(/\s+/)
    .map((id) => [id.toLowerCase(), id] as const),
  ...Object.entries(RENAMED),
]);

/** Exceptions of which SPDX knows one only, by what stands between `with` and `exception`. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "linux-syscall-note": "Linux-syscall-note",
  libtool: "Libtool-exception",
  font: "Font-exception-2.0",
  llvm: "LLVM-exception",
  classpath: "Classpath-exception-2.0",
  texinfo: "Texinfo-exception",
  "autoconf generic": "Autoconf-exception-generic",
  "bison-2.2": "Bison-exception-2.2",
};

/**
 * The SPDX identifier of a short name; undefined where none is certain. `text` decides for `MIT`, of which there are many texts.
 */
export function spdxOfName(name: string, text = ""): string | undefined {
  const known = name.toLowerCase();
  if (known === "mit") return isExpat(text) ? "MIT" : undefined;
  return gnuLicence(known) ?? BY_NAME.get(known);
}

/** The SPDX identifier of `with <words> exception`; undefined where SPDX knows none or several. */
export function spdxOfException(words: string): string | undefined {
  return EXCEPTIONS[words.toLowerCase()];
}

/** `gpl-2+`, `gpl-2.0-only`, `lgplv2.1+`, `gfdl-niv-1.3+`, `gfdl-1.3+-no-invariants`. */
function gnuLicence(name: string): string | undefined {
  const match = /^(gpl|lgpl|agpl|gfdl-niv|gfdl)-?v?(\d(?:\.\d)?)(\+|-or-later|-only)?(-no-invariants?)?$/.exec(name);
  if (match === null) return undefined;
  const [, family, version, range, free] = match;
  if (free !== undefined && family !== "gfdl") return undefined;
  const stem = GNU[free === undefined ? family! : "gfdl-niv"]?.[version!.replace(/\.0$/, "")];
  return stem === undefined ? undefined : `${stem}${range === "+" || range === "-or-later" ? "-or-later" : "-only"}`;
}

/** The licence that DEP-5 calls Expat and SPDX calls MIT, without X11's clause on names. */
function isExpat(text: string): boolean {
  const words = text.toLowerCase().replace(/[^a-z]+/g, " ");
  return (
    words.includes(
      "permission is hereby granted free of charge to any person obtaining a copy of this software and associated documentation files",
    ) &&
    words.includes("to use copy modify merge publish distribute sublicense and or sell copies of the software") &&
    words.includes("the above copyright notice and this permission notice") &&
    !words.includes("except as contained in this notice")
  );
}
