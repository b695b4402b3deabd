/**
 * PCR 9: what the kernel's EFI stub is given, measured by the kernel itself: command line and initrd. In a TDX VM from
 * Linux 6.9 on: RTMR2.
 */

import type { Content } from "../bytes/content.js";
import { digestsOfContent, eventOf, type MeasuredEvent } from "./event.js";
import type { BootPath } from "./profile.js";
import type { MeasuredUki } from "./read-uki.js";
import { loadOptions } from "./stub-command-line.js";
import { stubInitrd } from "./stub-initrd.js";

/** The events of PCR 9. `commandLine` is what the kernel is started with. */
export async function pcr9Events(
  uki: Pick<MeasuredUki, "sections" | "stubVersion" | "bootSecret">,
  { commandLine, bootPath }: { readonly commandLine: string; readonly bootPath: BootPath },
): Promise<MeasuredEvent[]> {
  const events = [
    eventOf(
      "EV_EVENT_TAG",
      `the command line that the kernel gets, UTF-16 with NUL: ${JSON.stringify(commandLine)}`,
      loadOptions(commandLine),
    ),
  ];
  if (uki.bootSecret && bootPath !== "kernel") {
    const what = "the initrd that the kernel gets: the stub puts a secret into it that differs from boot to boot";
    return [...events, { type: "EV_EVENT_TAG", what }];
  }
  const initrd = await stubInitrd(uki.sections, uki.stubVersion);
  if (initrd !== undefined) events.push(await initrdEvent(initrd.content, initrd.parts.join(", then ")));
  return events;
}

async function initrdEvent(content: Content, parts: string): Promise<MeasuredEvent> {
  const what = `the initrd that the kernel gets, ${content.size} bytes: ${parts}`;
  return { type: "EV_EVENT_TAG", what, digests: await digestsOfContent(content) };
}
