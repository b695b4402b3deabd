/**
 * The native helpers, by the base name of the program file they stand for (where a symbolic link leads in the end).
 */
import type { Command } from "../shell/process.js";
import { chage, chfn, chpasswd, chsh, passwd } from "./accounts/account-settings.js";
import { adduser, deluser } from "./accounts/adduser.js";
import { grpck, grpconv, pwck, pwconv } from "./accounts/convert.js";
import { gpasswd, groupadd, groupdel, groupmod } from "./accounts/groups.js";
import { updatePasswd } from "./accounts/update-passwd.js";
import { useradd } from "./accounts/useradd.js";
import { userdel, usermod } from "./accounts/usermod.js";
import { updateAlternatives } from "./alternatives/update-alternatives.js";
import { getcap, setcap } from "./capabilities.js";
import { ldconfig } from "./ldconfig/ldconfig.js";
import { ischroot, mountpoint, runlevel } from "./machine-state.js";
import { pamAuthUpdate } from "./pam/pam-auth-update.js";
import { chronyd, sshd } from "./single/daemon-settings.js";
import { gioQuerymodules, glibCompileSchemas } from "./single/glib.js";
import { dropbearkey, makeSslCert, sshKeygen } from "./single/host-keys.js";
import { openssl, rehash } from "./single/openssl.js";
import { compilePython, python } from "./single/python.js";
import { ss } from "./single/ss.js";
import { updateLocale } from "./single/update-locale.js";
import { journalctl, systemdHwdb, systemdMachineIdSetup } from "./systemd/databases.js";
import { debSystemdHelper, debSystemdInvoke } from "./systemd/deb-systemd-helper.js";
import { systemctl } from "./systemd/systemctl.js";
import { systemdSysusers } from "./systemd/sysusers.js";
import { systemdTmpfiles } from "./systemd/tmpfiles.js";
import { insserv } from "./sysv/insserv.js";
import { updateRc } from "./sysv/update-rc.js";

/** Debian's perl and C programs that maintainer scripts call. */
export const helperCommands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["adduser", adduser],
  ["c_rehash", rehash],
  ["chage", chage],
  ["chfn", chfn],
  ["chpasswd", chpasswd],
  ["chronyd", chronyd],
  ["chsh", chsh],
  ["deb-systemd-helper", debSystemdHelper],
  ["deb-systemd-invoke", debSystemdInvoke],
  ["deluser", deluser],
  ["dropbearkey", dropbearkey],
  ["getcap", getcap],
  ["gio-querymodules", gioQuerymodules],
  ["glib-compile-schemas", glibCompileSchemas],
  ["gpasswd", gpasswd],
  ["groupadd", groupadd],
  ["groupdel", groupdel],
  ["groupmod", groupmod],
  ["grpck", grpck],
  ["grpconv", grpconv],
  ["insserv", insserv],
  ["ischroot", ischroot],
  ["journalctl", journalctl],
  ["ldconfig", ldconfig],
  ["make-ssl-cert", makeSslCert],
  ["mountpoint", mountpoint],
  ["openssl", openssl],
  ["pam-auth-update", pamAuthUpdate],
  ["passwd", passwd],
  ["pwck", pwck],
  ["pwconv", pwconv],
  ["py3clean", compilePython],
  ["py3compile", compilePython],
  ["pyclean", compilePython],
  ["pycompile", compilePython],
  ["python3.11", python],
  ["python3.12", python],
  ["python3.13", python],
  ["python3.14", python],
  ["runlevel", runlevel],
  ["setcap", setcap],
  ["ss", ss],
  ["ssh-keygen", sshKeygen],
  ["sshd", sshd],
  ["systemctl", systemctl],
  ["systemd-hwdb", systemdHwdb],
  ["systemd-machine-id-setup", systemdMachineIdSetup],
  ["systemd-sysusers", systemdSysusers],
  ["systemd-tmpfiles", systemdTmpfiles],
  ["update-alternatives", updateAlternatives],
  ["update-locale", updateLocale],
  ["update-passwd", updatePasswd],
  ["update-rc.d", updateRc],
  ["useradd", useradd],
  ["userdel", userdel],
  ["usermod", usermod],
]);
