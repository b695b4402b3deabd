/**
 * emacs-package-install(8) and emacs-install(8) of emacsen-common, and what undoes them: run the scripts of add-on packages for every
 * Emacs that is installed (Debian Emacs policy, sections 5 and 6).
 */
import type { Command, Process } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const LIBRARY = "/usr/lib/emacsen-common";
const STATE = "/var/lib/emacsen-common/state";
const ENVIRONMENT = { EMACS_INHIBIT_AUTOMATIC_NATIVE_COMPILATION: "t" };

export const emacsPackageInstall: Command = (process, args) =>
  withContext(process, args, (tool, { isPreinst, name }) => {
    const state = `${STATE}/package/installed/${name}`;
    if (isPreinst) return removeFile(tool, state);
    const isNew = isNewStyle(tool, name);
    if (isNew === (tool.words.length === 1))
      tool.process.stderr.write(`ERROR: ${name} is broken - called ${tool.name} in the style of another policy.\n`);
    touch(tool, state);
    const flavors = filesOf(tool, `${STATE}/flavor/installed`);
    for (const package_ of inOrder(tool, [name])) {
      // Of the old policy, with a run for all.
      if (!isNewStyle(tool, package_)) tool.unsupported(`of ${package_}, which has no compat file`);
      for (const flavor of flavors) if (!runScript(tool, { name: package_, flavor, action: "install" })) return 2;
    }
    return 0;
  });

export const emacsInstall: Command = (process, args) =>
  withContext(process, args, (tool, { isPreinst, name: flavor }) => {
    const state = `${STATE}/flavor/installed/${flavor}`;
    if (isPreinst) return removeFile(tool, state);
    touch(tool, state);
    const scripts = filesOf(tool, `${LIBRARY}/packages/install`);
    // A package that is not configured yet comes later, by itself.
    const ready = scripts.filter(
      (name) => !isNewStyle(tool, name) || tool.find(`${STATE}/package/installed/${name}`) !== undefined,
    );
    for (const name of inOrder(tool, ready)) {
      if (!isNewStyle(tool, name)) tool.unsupported(`with ${name}, which has no compat file`);
      if (!runScript(tool, { name, flavor, action: "install" })) return 2;
    }
    return 0;
  });

export const emacsPackageRemove: Command = (process, args) =>
  withPackage(process, args, (tool, name) => {
    if (!isNewStyle(tool, name)) tool.unsupported(`of ${name}, which has no compat file`);
    for (const flavor of filesOf(tool, `${STATE}/flavor/installed`))
      if (!runScript(tool, { name, flavor, action: "remove" })) return 2;
    return removeFile(tool, `${STATE}/package/installed/${name}`);
  });

export const emacsRemove: Command = (process, args) =>
  withPackage(process, args, (tool, flavor) => {
    for (const name of inOrder(tool, filesOf(tool, `${STATE}/package/installed`)).reverse()) {
      if (!isNewStyle(tool, name)) tool.unsupported(`with ${name}, which has no compat file`);
      if (!runScript(tool, { name, flavor, action: "remove" })) return 2;
    }
    removeFile(tool, `${STATE}/flavor/pending/${flavor}`);
    return removeFile(tool, `${STATE}/flavor/installed/${flavor}`);
  });

/** Reads `[--prerm] NAME`. */
function withPackage(process: Process, args: readonly string[], body: (tool: Tool, name: string) => number): number {
  return defineTool({ long: { prerm: "prerm" }, onlyThese: true, inOrder: true }, (tool) => {
    const words = tool.words[0] === "--prerm" ? tool.words.slice(1) : tool.words;
    if (words.length === 1) return body(tool, words[0]!);
    tool.process.stderr.write(`Usage: ${tool.name} --prerm NAME\n`);
    return 2;
  })(process, args);
}

/** Reads `[--preinst|--postinst] NAME`. */
function withContext(
  process: Process,
  args: readonly string[],
  body: (tool: Tool, given: { readonly isPreinst: boolean; readonly name: string }) => number,
): number {
  return defineTool({ long: { preinst: "preinst", postinst: "postinst" }, onlyThese: true, inOrder: true }, (tool) => {
    const [first, second] = tool.words;
    const hasContext = first === "--preinst" || first === "--postinst";
    const name = hasContext ? second : first;
    if (name === undefined || tool.words.length !== (hasContext ? 2 : 1)) {
      tool.process.stderr.write(`Usage: ${tool.name} (--preinst|--postinst) NAME\n`);
      return 2;
    }
    return body(tool, { isPreinst: first === "--preinst", name });
  })(process, args);
}

function removeFile(tool: Tool, path: string): number {
  if (tool.find(path) !== undefined) tool.process.tree.unlink(path);
  return 0;
}

function touch(tool: Tool, path: string): void {
  const node = tool.find(path);
  if (node === undefined) tool.process.tree.write(path, "", { mode: 0o644 });
  else node.mtime = tool.process.tree.epoch;
}

/** What the pattern `*[!~]` matches. */
function filesOf(tool: Tool, directory: string): string[] {
  const node = tool.find(directory);
  const names = node?.type === "directory" ? [...node.entries.keys()] : [];
  return names.filter((name) => !name.startsWith(".") && !name.endsWith("~")).sort();
}

function isNewStyle(tool: Tool, name: string): boolean {
  return tool.find(`${LIBRARY}/packages/compat/${name}`) !== undefined;
}

interface Script {
  readonly name: string;
  readonly flavor: string;
  readonly action: "install" | "remove";
}

function runScript(tool: Tool, { name, flavor, action }: Script): boolean {
  const script = `${LIBRARY}/packages/${action}/${name}`;
  tool.out(`${action === "install" ? "Install" : "Remove"} ${name} for ${flavor}\n`);
  if (tool.find(script) === undefined || tool.process.run([script, flavor], { environment: ENVIRONMENT }) === 0)
    return true;
  tool.process.stderr.write(`ERROR: ${action} script from ${name} package failed\n`);
  return false;
}

/** The add-on packages with those that they depend on, which come first; by name where the dependencies do not say. */
function inOrder(tool: Tool, names: readonly string[]): string[] {
  const addOns = new Set(filesOf(tool, `${LIBRARY}/packages/install`));
  const ordered: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const dependency of dependenciesOf(tool, name)) if (addOns.has(dependency)) visit(dependency);
    ordered.push(name);
  };
  for (const name of [...names].sort()) visit(name);
  return ordered;
}

function dependenciesOf(tool: Tool, name: string): string[] {
  const { status, output } = tool.process.capture(["dpkg", "--status", name]);
  if (status !== 0) tool.die("dpkg invocation failed", 255);
  const depends = /^Depends:\s+(.*)/m.exec(output.replaceAll(/\n\s+/g, ""))?.[1] ?? "";
  return depends.split(/[,|]/).flatMap((one) => /\S+/.exec(one)?.[0] ?? []);
}
