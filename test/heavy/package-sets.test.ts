/**
 * Two servers, one with sysvinit, one with systemd: each equal with what mmdebstrap makes of the same files.
 */
import { expect, test } from "vitest";
import { EQUAL, runFidelity, SYSTEMD_SERVER, SYSVINIT_SERVER } from "../fixtures/mmdebstrap/run-fidelity.js";

test.each([SYSVINIT_SERVER, SYSTEMD_SERVER])("%s", (set) => {
  expect(runFidelity(set)).toMatch(EQUAL);
});
