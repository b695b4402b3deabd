/**
 * PCR 11: the sections of the UKI, measured by systemd-stub, each as two events, its name and its content (UAPI.5; systemd-stub(7)).
 * In a TDX VM from systemd 256 on: also RTMR2. Checked by: systemd-measure's published values, PCRs of booted images.
 */

import type { Content } from "../bytes/content.js";
import { banks, type Digests, digestsOfContent, eventOf, type MeasuredEvent, registerOf } from "./event.js";
import type { MeasuredUki } from "./read-uki.js";

/** Section and the first version of the stub that measures it, in the order of measuring, whatever the file's order is. */
const MEASURED: readonly (readonly [name: string, since: number])[] = [
  [".linux", 252],
  [".osrel", 252],
  [".cmdline", 252],
  [".initrd", 252],
  [".ucode", 256],
  [".splash", 252],
  [".dtb", 252],
  [".uname", 254],
  [".sbat", 254],
  [".pcrpkey", 252],
  [".profile", 257],
  [".dtbauto", 257],
  [".hwids", 257],
];

/** The events of PCR 11. */
export async function pcr11Events(uki: Pick<MeasuredUki, "sections" | "stubVersion">): Promise<MeasuredEvent[]> {
  const events: MeasuredEvent[] = [];
  for (const [name, since] of MEASURED) {
    const content = uki.sections.get(name);
    if (content === undefined || content.size === 0 || uki.stubVersion < since) continue;
    events.push(...(await sectionEvents(name, content)));
  }
  return events;
}

async function sectionEvents(name: string, content: Content): Promise<MeasuredEvent[]> {
  return [
    eventOf("EV_IPL", `the name ${name}, with NUL`, new TextEncoder().encode(`${name}\0`)),
    { type: "EV_IPL", what: `the content of ${name}, ${content.size} bytes`, digests: await digestsOfContent(content) },
  ];
}

/** The value of PCR 11 at a phase of the boot (systemd-pcrphase.service(8)): `enter-initrd:leave-initrd:…`. */
export function pcr11AtPhase(events: readonly MeasuredEvent[], phase: string): Digests {
  const words = phase.split(":").filter((word) => word !== "");
  const all = [
    ...events,
    ...words.map((word) => eventOf("EV_IPL", `the phase ${word}`, new TextEncoder().encode(word))),
  ];
  const { values } = registerOf("pcr11", all, { banks });
  return { sha256: values.sha256!, sha384: values.sha384! };
}
