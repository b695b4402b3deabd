/**
 * What a long-running call tells its caller through `onEvent`. Events carry no time: who shows them has a clock.
 */

/** The stages of a build, in their order. */
export const stages = [
  "lock",
  "download",
  "unpack",
  "configure",
  "recipe",
  "kernel",
  "normalise",
  "initramfs",
  "ext4",
  "squashfs",
  "erofs",
  "verity",
  "uki",
  "disk",
  "write",
] as const;

/** Name of a stage. */
export type Stage = (typeof stages)[number];

/** One event. */
export type AssembleEvent =
  | { readonly type: "stage"; readonly stage: Stage; readonly state: "start" }
  | {
      readonly type: "stage";
      readonly stage: Stage;
      readonly state: "end";
      /** How many of the stage's steps came out of the cache, of how many. */
      readonly cached?: number | undefined;
      readonly total?: number | undefined;
    }
  | {
      readonly type: "progress";
      readonly stage: Stage;
      readonly done: number;
      readonly total?: number | undefined;
      readonly unit: "bytes" | "packages" | "files" | "segments";
      /** What is being worked on: a package, a file. */
      readonly item?: string | undefined;
    }
  | { readonly type: "warning"; readonly code: string; readonly message: string; readonly hint?: string | undefined }
  | { readonly type: "note"; readonly message: string };

/** Receives events. Must not throw. */
export type OnEvent = (event: AssembleEvent) => void;
