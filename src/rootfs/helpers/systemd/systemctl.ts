/**
 * systemctl(1) where no manager runs: unit files are enabled, disabled, preset and masked on disk; what would talk to a manager
 * answers as it does in a chroot.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import { runlevel } from "../machine-state.js";
import { disableUnit, enableUnit, maskUnit, unitState, unmaskUnit } from "./enable-unit.js";
import { presetOf } from "./preset.js";
import { findUnit, type Instance, isMasked } from "./unit-install.js";

const SPEC: ToolSpec = {
  short: "qfalP:p:t:s:n:",
  long: {
    quiet: "q",
    force: "f",
    all: "a",
    full: "l",
    "root=": "root",
    "preset-mode=": "preset-mode",
    "property=": "p",
    "type=": "t",
    "signal=": "s",
    "kill-whom=": "kill-whom",
    "kill-who=": "kill-whom",
    system: "system",
    user: "user",
    global: "global",
    now: "now",
    "no-reload": "no-reload",
    "no-block": "no-block",
    "no-pager": "no-pager",
    "no-legend": "no-legend",
    "no-warn": "no-warn",
    "no-ask-password": "no-ask-password",
    value: "value",
    "job-mode=": "job-mode",
    runtime: "runtime",
  },
  refused: "HMirT",
};

/** Verbs that a manager would have to carry out or to answer; in a chroot systemctl says so and succeeds. */
const IGNORED = [
  "start stop restart reload try-restart reload-or-restart try-reload-or-restart condrestart force-reload kill",
  "daemon-reload daemon-reexec isolate reset-failed set-default-timeout set-property log-level",
  "show status cat help list-units list-sockets list-timers list-paths list-automounts list-jobs list-dependencies list-machines",
  "cancel clean freeze thaw set-environment import-environment log-target service-log-level edit whoami",
]
  .join(" ")
  .split(" ");

/** The program goes by the names of what it stands in for, too. */
export const systemctl: Command = (process, args) =>
  args[0]!.endsWith("runlevel") ? runlevel(process, args) : runSystemctl(process, args);

const runSystemctl = defineTool(SPEC, (tool) => {
  const [verb, ...names] = tool.operands;
  const root = tool.value("root") ?? "/";
  if (root !== "/" && root !== "") tool.unsupported(`--root=${root}`);
  if (tool.has("runtime")) tool.unsupported("--runtime");
  const instance: Instance = tool.has("global") || tool.has("user") ? "user" : "system";
  const units = names.map((name) => (/\.[a-z]+$/.test(name) ? name : `${name}.service`));
  switch (verb) {
    case "enable":
    case "reenable":
      for (const unit of units) {
        if (verb === "reenable") disableUnit(tool.process.tree, unit, instance);
        enable(tool, unit, instance);
      }
      return tool.status;
    case "disable":
      for (const unit of units)
        if (disableUnit(tool.process.tree, unit, instance) === "missing") missing(tool, unit, "disable");
      return tool.status;
    case "preset":
      for (const unit of units) preset(tool, unit, instance);
      return tool.status;
    case "mask":
      for (const unit of units) {
        if (!maskUnit(tool.process.tree, unit, instance))
          tool.complain(`Failed to mask unit: File '/etc/systemd/${instance}/${unit}' already exists.`);
      }
      return tool.status;
    case "unmask":
      for (const unit of units) unmaskUnit(tool.process.tree, unit, instance);
      return tool.status;
    case "add-wants":
    case "add-requires":
      return addLinks(tool, { suffix: verb === "add-wants" ? "wants" : "requires", units, instance });
    case "is-enabled":
      return isEnabled(tool, units, instance);
    case "set-default":
      return setDefault(tool, units[0]);
    case "get-default":
      return getDefault(tool);
    case "is-active":
    case "is-failed":
    case "is-system-running":
      if (!tool.has("q")) tool.out(verb === "is-system-running" ? "offline\n" : "inactive\n");
      return verb === "is-system-running" ? 1 : 3;
    default:
      if (verb === undefined || !IGNORED.includes(verb)) return tool.unsupported(verb ?? "without a verb");
      if (!tool.has("q")) tool.say(`Running in chroot, ignoring command '${verb}'`);
      return 0;
  }
});

function enable(tool: Tool, unit: string, instance: Instance): void {
  const result = enableUnit(tool.process.tree, unit, instance);
  if (result === "missing") missing(tool, unit, "enable");
  if (result === "masked") tool.complain(`Failed to enable unit: Unit /etc/systemd/${instance}/${unit} is masked`);
}

function missing(tool: Tool, unit: string, verb: string): void {
  tool.complain(`Failed to ${verb} unit: Unit ${unit} does not exist`);
}

function preset(tool: Tool, unit: string, instance: Instance): void {
  const { tree } = tool.process;
  const path = findUnit(tree, unit, instance);
  if (path === undefined) {
    missing(tool, unit, "preset");
    return;
  }
  if (isMasked(tree, path)) return;
  const decision = presetOf(tree, unit, instance);
  const mode = tool.value("preset-mode") ?? "full";
  if (decision.enable && mode !== "disable-only") {
    for (const name of decision.instances.length === 0
      ? [unit]
      : decision.instances.map((one) => unit.replace("@.", `@${one}.`)))
      enableUnit(tree, name, instance);
  }
  if (!decision.enable && mode !== "enable-only") disableUnit(tree, unit, instance);
}

function addLinks(tool: Tool, what: { suffix: string; units: readonly string[]; instance: Instance }): number {
  const [target, ...units] = what.units;
  const { tree } = tool.process;
  for (const unit of units) {
    const path = findUnit(tree, unit, what.instance);
    if (path === undefined) {
      missing(tool, unit, "add dependency");
      continue;
    }
    const directory = `/etc/systemd/${what.instance}/${target}.${what.suffix}`;
    tree.mkdirs(directory);
    tree.removeAll(`${directory}/${unit}`);
    tree.symlink(path, `${directory}/${unit}`);
  }
  return tool.status;
}

function isEnabled(tool: Tool, units: readonly string[], instance: Instance): number {
  let enabled = false;
  for (const unit of units) {
    const state = unitState(tool.process.tree, unit, instance);
    if (!tool.has("q")) {
      if (state === "not-found") tool.say(`Failed to get unit file state for ${unit}: No such file or directory`);
      else tool.out(`${state}\n`);
    }
    enabled ||= ["enabled", "static", "alias", "indirect"].includes(state);
  }
  return enabled ? 0 : 1;
}

function setDefault(tool: Tool, unit: string | undefined): number {
  const { tree } = tool.process;
  const name = unit?.replace(/\.service$/, ".target");
  const path = name === undefined ? undefined : findUnit(tree, name, "system");
  if (path === undefined) return tool.die(`Failed to set default target: Unit ${name} does not exist`);
  tree.mkdirs("/etc/systemd/system");
  tree.removeAll("/etc/systemd/system/default.target");
  tree.symlink(path, "/etc/systemd/system/default.target");
  return 0;
}

function getDefault(tool: Tool): number {
  const path = findUnit(tool.process.tree, "default.target", "system");
  if (path === undefined) return tool.die("Failed to get default target: No such file or directory");
  const real = tool.process.tree.realpath(path);
  tool.out(`${real.slice(real.lastIndexOf("/") + 1)}\n`);
  return 0;
}
