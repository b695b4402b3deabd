// Tasks for workers.test.ts. JavaScript, since a worker of Node 20 cannot be TypeScript.
import { AssembleError } from "#dist/errors/assemble-error.js";

export async function double({ value, delayMs }) {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  return 2 * value;
}

export function fail({ code }) {
  throw code === undefined ? new Error("plain") : new AssembleError(code, "Cannot do it", { hint: "try again" });
}

export function spin({ ms }) {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

export function echo(bytes) {
  return bytes;
}
