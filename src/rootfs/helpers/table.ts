/**
 * The native helpers, by the base name of the program file they stand for (where a symbolic link leads in the end).
 */
import type { Command } from "../shell/process.js";
import { chage, chfn, chpasswd, chsh, passwd } from "./accounts/account-settings.js";
import { adduser, deluser } from "./accounts/adduser.js";
import { grpck, grpconv, pwck, pwconv } from "./accounts/convert.js";
import { gpasswd, groupadd, groupdel, groupmod } from "./accounts/groups.js";
import { runuser, setpriv, su } from "./accounts/su.js";
import { updatePasswd } from "./accounts/update-passwd.js";
import { useradd } from "./accounts/useradd.js";
import { userdel, usermod } from "./accounts/usermod.js";
import { updateAlternatives } from "./alternatives/update-alternatives.js";
import { getcap, setcap } from "./capabilities.js";
import { kmod } from "./depmod/depmod-command.js";
import { mkfontscale } from "./fonts/mkfontscale.js";
import { glibCompileSchemas } from "./gsettings/compile-schemas.js";
import { ldconfig } from "./ldconfig/ldconfig.js";
import { ischroot, mountpoint, runlevel } from "./machine-state.js";
import { updateMimeDatabase } from "./mime/update-mime-database.js";
import { pamAuthUpdate } from "./pam/pam-auth-update.js";
import { gdkPixbufQueryLoaders } from "./plugins/gdk-pixbuf-query-loaders.js";
import { gioQuerymodules } from "./plugins/gio-querymodules.js";
import { gtkQueryImmodules } from "./plugins/gtk-query-immodules.js";
import { postconf } from "./postfix/postconf.js";
import { postfixConfig } from "./postfix/postfix-config.js";
import { df, fuser, killall, killall5, lsof, pgrep } from "./processes.js";
import { a2enmod } from "./single/apache.js";
import { aptConfig } from "./single/apt-config.js";
import {
  bootctl,
  grubInstall,
  grubMkdevicemap,
  grubMkrelpath,
  grubProbe,
  kernelInstall,
} from "./single/boot-loaders.js";
import { updateCatalog, updateXmlCatalog } from "./single/catalogs.js";
import { chronyd, sshd } from "./single/daemon-settings.js";
import { updateDesktopDatabase } from "./single/desktop-database.js";
import { dictionariesConfig, updateAspell, updateIspell, updateWordlist } from "./single/dictionaries.js";
import { emacsInstall, emacsPackageInstall, emacsPackageRemove, emacsRemove } from "./single/emacsen.js";
import { gnomeMenusBlacklist } from "./single/gnome-menus.js";
import { helpztags } from "./single/helpztags.js";
import { dropbearconvert, dropbearkey, makeSslCert, sshKeygen } from "./single/host-keys.js";
import { gzip, leftOut } from "./single/left-out.js";
import { linuxRunHooks } from "./single/linux-run-hooks.js";
import { linuxUpdateSymlinks } from "./single/linux-update-symlinks.js";
import { linuxVersion } from "./single/linux-version.js";
import { iconv, locale } from "./single/locale.js";
import { myPrintDefaults } from "./single/my-print-defaults.js";
import {
  busctl,
  dbusSend,
  dbusUuidgen,
  dmsetup,
  exim,
  eximDumpdb,
  findmnt,
  keytool,
  linuxCheckRemoval,
  loadkeys,
  losetup,
  lpClient,
  lpstat,
  lvm,
  namedCheckconf,
  noTerminal,
  rndcConfgen,
  setfont,
  systemdSysctl,
  telinit,
  udevadm,
} from "./single/no-service.js";
import { openssl, rehash } from "./single/openssl.js";
import {
  pamGetenv,
  pgChangeCluster,
  pgCheckSystem,
  pgConftool,
  pgLsClusters,
  pgUpdateDicts,
} from "./single/postgresql.js";
import { compilePython, python } from "./single/python.js";
import { ss } from "./single/ss.js";
import { ucfq } from "./single/ucfq.js";
import { updateLocale } from "./single/update-locale.js";
import { convertEtcShells, convertUsrmerge } from "./single/usrmerge.js";
import { journalctl, systemdHwdb, systemdMachineIdSetup } from "./systemd/databases.js";
import { debSystemdHelper, debSystemdInvoke } from "./systemd/deb-systemd-helper.js";
import { systemctl } from "./systemd/systemctl.js";
import { systemdSysusers } from "./systemd/sysusers.js";
import { systemdTmpfiles } from "./systemd/tmpfiles.js";
import { insserv } from "./sysv/insserv.js";
import { updateRc } from "./sysv/update-rc.js";

/** Debian's perl and C programs that maintainer scripts call. */
export const helperCommands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ...leftOut,
  ["a2enmod", a2enmod],
  ["adduser", adduser],
  ["apt-config", aptConfig],
  ["bootctl", bootctl],
  ["busctl", busctl],
  ["c_rehash", rehash],
  ["chage", chage],
  ["chfn", chfn],
  ["chpasswd", chpasswd],
  ["chronyd", chronyd],
  ["chsh", chsh],
  ["convert-etc-shells", convertEtcShells],
  ["convert-usrmerge", convertUsrmerge],
  ["dbus-send", dbusSend],
  ["dbus-uuidgen", dbusUuidgen],
  ["deb-systemd-helper", debSystemdHelper],
  ["deb-systemd-invoke", debSystemdInvoke],
  ["deluser", deluser],
  ["df", df],
  ["dictionaries-common.config", dictionariesConfig],
  ["dmsetup", dmsetup],
  ["dropbearconvert", dropbearconvert],
  ["dropbearkey", dropbearkey],
  ["emacs-install", emacsInstall],
  ["emacs-package-install", emacsPackageInstall],
  ["emacs-package-remove", emacsPackageRemove],
  ["emacs-remove", emacsRemove],
  ["exim4", exim],
  ["exim_dumpdb", eximDumpdb],
  ["findmnt", findmnt],
  ["fuser", fuser],
  ["gdk-pixbuf-query-loaders", gdkPixbufQueryLoaders],
  ["getcap", getcap],
  ["gio-querymodules", gioQuerymodules],
  ["glib-compile-schemas", glibCompileSchemas],
  ["gnome-menus-blacklist", gnomeMenusBlacklist],
  ["gpasswd", gpasswd],
  ["groupadd", groupadd],
  ["groupdel", groupdel],
  ["groupmod", groupmod],
  ["grpck", grpck],
  ["grpconv", grpconv],
  ["grub-install", grubInstall],
  ["grub-mkdevicemap", grubMkdevicemap],
  ["grub-mkrelpath", grubMkrelpath],
  ["grub-probe", grubProbe],
  ["gtk-query-immodules-3.0", gtkQueryImmodules],
  ["gzip", gzip],
  ["helpztags", helpztags],
  ["iconv", iconv],
  ["init", telinit],
  ["insserv", insserv],
  ["ischroot", ischroot],
  ["journalctl", journalctl],
  ["kbd_mode", noTerminal],
  ["kernel-install", kernelInstall],
  ["keytool", keytool],
  ["killall", killall],
  ["killall5", killall5],
  ["kmod", kmod],
  ["ldconfig", ldconfig],
  ["loadkeys", loadkeys],
  ["linux-check-removal", linuxCheckRemoval],
  ["linux-run-hooks", linuxRunHooks],
  ["linux-update-symlinks", linuxUpdateSymlinks],
  ["linux-version", linuxVersion],
  ["locale", locale],
  ["losetup", losetup],
  ["lpadmin", lpClient],
  ["lpinfo", lpClient],
  ["lpstat", lpstat],
  ["lsof", lsof],
  ["lvm", lvm],
  ["make-ssl-cert", makeSslCert],
  ["mkfontscale", mkfontscale],
  ["mountpoint", mountpoint],
  ["my_print_defaults", myPrintDefaults],
  ["named-checkconf", namedCheckconf],
  ["openssl", openssl],
  ["pam-auth-update", pamAuthUpdate],
  ["pam_getenv", pamGetenv],
  ["passwd", passwd],
  ["pg_checksystem", pgCheckSystem],
  ["pg_conftool", pgConftool],
  ["pg_dropcluster", pgChangeCluster],
  ["pg_lsclusters", pgLsClusters],
  ["pg_updatedicts", pgUpdateDicts],
  ["pg_upgradecluster", pgChangeCluster],
  ["pgrep", pgrep],
  ["pidof", killall5],
  ["pkill", pgrep],
  ["postconf", postconf],
  ["postfix.config", postfixConfig],
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
  ["rndc-confgen", rndcConfgen],
  ["runlevel", runlevel],
  ["runuser", runuser],
  ["setcap", setcap],
  ["setfont", setfont],
  ["setpriv", setpriv],
  ["ss", ss],
  ["ssh-keygen", sshKeygen],
  ["sshd", sshd],
  ["stty", noTerminal],
  ["su", su],
  ["systemctl", systemctl],
  ["systemd-hwdb", systemdHwdb],
  ["systemd-machine-id-setup", systemdMachineIdSetup],
  ["systemd-sysctl", systemdSysctl],
  ["systemd-sysusers", systemdSysusers],
  ["systemd-tmpfiles", systemdTmpfiles],
  ["ucfq", ucfq],
  ["udevadm", udevadm],
  ["update-alternatives", updateAlternatives],
  ["update-catalog", updateCatalog],
  ["update-default-ispell", updateIspell],
  ["update-default-wordlist", updateWordlist],
  ["update-desktop-database", updateDesktopDatabase],
  ["update-dictcommon-aspell", updateAspell],
  ["update-locale", updateLocale],
  ["update-mime-database", updateMimeDatabase],
  ["update-passwd", updatePasswd],
  ["update-rc.d", updateRc],
  ["update-xmlcatalog", updateXmlCatalog],
  ["useradd", useradd],
  ["userdel", userdel],
  ["usermod", usermod],
]);
