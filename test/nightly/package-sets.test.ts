/**
 * Larger sets of packages: tools of developers with a database, and bookworm's servers, each equal with what mmdebstrap makes of the
 * same files.
 */
import { expect, test } from "vitest";
import {
  BASE_IMAGE,
  EQUAL,
  runFidelity,
  SYSTEMD_SERVER,
  SYSVINIT_SERVER,
} from "../fixtures/mmdebstrap/run-fidelity.js";

test("minbase with tools of developers", () => {
  const set = "minbase build-essential git cmake clang cargo golang-go python3 nginx-light postgresql";
  expect(runFidelity(set)).toMatch(EQUAL);
});

test.each([`essential ${BASE_IMAGE}`, SYSVINIT_SERVER, SYSTEMD_SERVER])("bookworm: %s", (set) => {
  expect(runFidelity(set, "--suite", "bookworm")).toMatch(EQUAL);
});
