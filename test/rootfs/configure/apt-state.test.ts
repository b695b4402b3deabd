/** /var/lib/apt/extended_states, in the order in which apt 3.0 wrote it (nginx alone on minbase). */
import { expect, test } from "vitest";
import { writeAptState } from "#dist/rootfs/configure/apt-state.js";
import { makeBaseLayout } from "#dist/rootfs/configure/base-layout.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

const WRITTEN = [
  "libkeyutils1",
  "libxtables12",
  "libgssapi-krb5-2",
  "libtirpc3t64",
  "libtirpc-common",
  "libhogweed6t64",
  "sqv",
  "libcap2-bin",
  "nginx-common",
  "libapt-pkg7.0",
  "libkrb5support0",
  "libsepol2",
  "libbpf1",
  "libmnl0",
  "libbsd0",
  "libnettle8t64",
  "debian-archive-keyring",
  "libcom-err2",
  "libkrb5-3",
  "libsemanage2",
  "libk5crypto3",
  "libxxhash0",
  "libsemanage-common",
  "libseccomp2",
  "liblz4-1",
  "libelf1t64",
  "iproute2",
  "libstdc++6",
];

test("lists automatic packages in the order of apt's table of names", () => {
  const tree = new Tree({ epoch: 0 });
  makeBaseLayout(tree, "amd64");
  writeAptState(tree, [...WRITTEN].sort(), "amd64");
  const text = tree.readText("/var/lib/apt/extended_states");
  expect(text.match(/(?<=^Package: ).*$/gm)).toEqual(WRITTEN);
  expect(text.slice(0, text.indexOf("\n\n") + 2)).toBe(
    `Package: ${WRITTEN[0]}\nArchitecture: amd64\nAuto-Installed: 1\n\n`,
  );
  expect(tree.get("/var/lib/apt/lists/lock")).toMatchObject({ mode: 0o640 });
  expect(tree.get("/var/cache/apt/archives/partial")).toMatchObject({ mode: 0o700 });
});

test("without any is an empty list", () => {
  const tree = new Tree({ epoch: 0 });
  makeBaseLayout(tree, "amd64");
  writeAptState(tree, [], "amd64");
  expect(tree.readText("/var/lib/apt/extended_states")).toBe("");
});
