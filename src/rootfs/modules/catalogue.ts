/**
 * The catalogue of a kernel's modules: their names, and each decoded when it is asked for.
 */
import { toByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { decodeModule } from "../helpers/depmod/decode-module.js";
import { readModule } from "../helpers/depmod/module-info.js";
import type { KernelFiles } from "./kernel-files.js";
import type { ModuleCatalogue } from "./select-modules.js";

/** The catalogue that modules are chosen from. */
export function catalogueOf(kernel: KernelFiles): ModuleCatalogue {
  const files = [...kernel.modules.keys()].filter((path) => /\.ko(\.(xz|zst|gz))?$/.test(path)).sort();
  return {
    version: kernel.modulesVersion ?? "",
    files,
    builtin: toByteString(kernel.modules.get("modules.builtin")?.read() ?? new Uint8Array()),
    read(path) {
      const bytes = decodeModule(path, kernel.modules.get(path)!.read());
      const info = readModule(path, bytes);
      if (info === undefined)
        throw new AssembleError("kernel/module-invalid", `Cannot read the module ${path}: it is no 64-bit ELF file`);
      return { info, bytes };
    },
  };
}
