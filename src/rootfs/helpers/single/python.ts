/**
 * What compiles python modules when packages are configured. Bytecode is left for the first use: it holds times and is made again anyway.
 */
import type { Command } from "../../shell/process.js";

/** py3compile, py3clean, pycompile, pyclean. */
export const compilePython: Command = () => 0;

/** A python interpreter, which only ever gets to run py_compile here. */
export const python: Command = (process, args) => {
  const rest = args.slice(1).filter((arg) => !["-E", "-S", "-O", "-OO", "-s", "-B"].includes(arg));
  const isCompile =
    /^\/usr\/lib\/python3(\.[0-9]+)?\/(py_compile|compileall)\.py$/.test(rest[0] ?? "") ||
    (rest[0] === "-m" && /^(py_compile|compileall)$/.test(rest[1] ?? ""));
  return isCompile ? 0 : process.unsupported(args.join(" "));
};
