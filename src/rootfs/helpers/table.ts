/**
 * The native helpers, by the base name of the program file they stand for (where a symbolic link leads in the end).
 */
import type { Command } from "../shell/process.js";
import { updateAlternatives } from "./alternatives/update-alternatives.js";
import { getcap, setcap } from "./capabilities.js";
import { ldconfig } from "./ldconfig/ldconfig.js";
import { ischroot, mountpoint, runlevel } from "./machine-state.js";
import { pamAuthUpdate } from "./pam/pam-auth-update.js";
import { journalctl, systemdHwdb, systemdMachineIdSetup } from "./systemd/databases.js";
import { debSystemdHelper, debSystemdInvoke } from "./systemd/deb-systemd-helper.js";
import { systemctl } from "./systemd/systemctl.js";
import { systemdSysusers } from "./systemd/sysusers.js";
import { systemdTmpfiles } from "./systemd/tmpfiles.js";
import { insserv } from "./sysv/insserv.js";
import { updateRc } from "./sysv/update-rc.js";

/** Debian's perl and C programs that maintainer scripts call. */
export const helperCommands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["deb-systemd-helper", debSystemdHelper],
  ["deb-systemd-invoke", debSystemdInvoke],
  ["insserv", insserv],
  ["getcap", getcap],
  ["ischroot", ischroot],
  ["journalctl", journalctl],
  ["ldconfig", ldconfig],
  ["pam-auth-update", pamAuthUpdate],
  ["mountpoint", mountpoint],
  ["runlevel", runlevel],
  ["setcap", setcap],
  ["systemctl", systemctl],
  ["systemd-hwdb", systemdHwdb],
  ["systemd-machine-id-setup", systemdMachineIdSetup],
  ["systemd-sysusers", systemdSysusers],
  ["systemd-tmpfiles", systemdTmpfiles],
  ["update-alternatives", updateAlternatives],
  ["update-rc.d", updateRc],
]);
