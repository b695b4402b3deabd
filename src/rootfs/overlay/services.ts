/**
 * `services`: enabled, disabled and masked the way the image's own init does it.
 *
 * sysvinit: `update-rc.d NAME defaults|disable|remove`; a masked service loses its links and its execute permission, so that
 * neither a boot nor a package's `invoke-rc.d` starts it. systemd: `systemctl enable|disable|mask`.
 */
import { byteStringToText, utf8ToByteString } from "../../bytes/content.js";
import { nearest } from "../../config/nearest.js";
import type { RecipeServices } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../tree/tree.js";

/** The init an image boots with. */
export type InitSystem = "systemd" | "sysvinit" | "none";

/** Runs one emulated command in the tree and returns its status and what it wrote. */
export type RunCommand = (argv: readonly string[]) => { readonly status: number; readonly output: string };

/** Which init `/sbin/init` of the tree is. */
export function initSystemOf(tree: Tree): InitSystem {
  try {
    const path = tree.realpath("/sbin/init");
    return path.endsWith("/systemd") ? "systemd" : "sysvinit";
  } catch {
    return tree.lookup("/usr/lib/systemd/systemd") !== undefined ? "systemd" : "none";
  }
}

/** Applies the recipe's services. @throws AssembleError `rootfs/service-unknown`, `rootfs/service-failed` */
export function applyServices(tree: Tree, services: RecipeServices, run: RunCommand): void {
  const init = initSystemOf(tree);
  for (const action of ["enable", "disable", "mask"] as const) {
    for (const service of services[action]) applyService(tree, init, action, service, run);
  }
}

function applyService(
  tree: Tree,
  init: InitSystem,
  action: "enable" | "disable" | "mask",
  service: string,
  run: RunCommand,
): void {
  const name = utf8ToByteString(service);
  if (!exists(tree, init, name))
    throw new AssembleError(
      "rootfs/service-unknown",
      `Cannot ${action} the service ${service}: the tree has no ${init === "systemd" ? "unit of that name" : `/etc/init.d/${service}`}, an installed service was wanted`,
      hintOf(tree, init, service),
    );
  const command = init === "systemd" ? ["systemctl", action, name] : sysvCommand(action, name);
  const { status, output } = run(command);
  if (status !== 0)
    throw new AssembleError("rootfs/service-failed", `Cannot ${action} the service ${service}: ${output.trim()}`);
  if (init !== "systemd" && action === "mask") tree.get(`/etc/init.d/${name}`).mode &= ~0o111;
}

function sysvCommand(action: "enable" | "disable" | "mask", name: string): string[] {
  // `defaults` makes the links that the LSB header asks for; `enable` alone would need them to be there.
  if (action === "enable") return ["update-rc.d", name, "defaults"];
  return ["update-rc.d", ...(action === "mask" ? ["-f", name, "remove"] : [name, "disable"])];
}

function hintOf(tree: Tree, init: InitSystem, service: string): { hint?: string } {
  const directories = init === "systemd" ? UNIT_DIRECTORIES : ["/etc/init.d"];
  const names = directories.flatMap((path) => {
    const node = tree.lookup(path);
    return node?.type === "directory" ? [...node.entries.keys()] : [];
  });
  const near = nearest(service, [...new Set(names.map((name) => name.replace(/\.service$/, "")))].sort());
  return near === undefined ? {} : { hint: `is ${byteStringToText(near)} meant?` };
}

const UNIT_DIRECTORIES = ["/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"];

function exists(tree: Tree, init: InitSystem, name: string): boolean {
  if (init !== "systemd") return tree.lookup(`/etc/init.d/${name}`)?.type === "file";
  const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`;
  const template = unit.replace(/@[^.]*\./, "@.");
  return UNIT_DIRECTORIES.some((directory) =>
    [unit, template].some((file) => tree.lookup(`${directory}/${file}`, { follow: false }) !== undefined),
  );
}
