/**
 * Resolution of a recipe's packages for a new root, in two stages, with the choices that apt's classic solver makes.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { Resolution, ResolveRequest, Universe } from "./resolution.js";

/**
 * Chooses the packages.
 *
 * @throws AssembleError `apt/unknown-package`, `apt/unsatisfiable`, `apt/conflict`, `apt/excluded-package-needed`,
 * `apt/package-word-invalid`, `apt/version-not-found`
 */
export function resolve(_universe: Universe, _request: ResolveRequest): Resolution {
  throw new AssembleError("apt/not-built-yet", "Cannot resolve packages: this part is being built");
}
