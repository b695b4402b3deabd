/**
 * PCR 5: the partition table of the disk that is booted, and that boot services end (TCG PFP §3.3.4.6). In a TDX VM: RTMR1.
 */

import { action, eventOf, type MeasuredEvent, separator } from "./event.js";

/** The event of a partition table: header, number of entries, the entries in use (UEFI_GPT_DATA). */
export function gptEvent(data: Uint8Array): MeasuredEvent {
  return eventOf("EV_EFI_GPT_EVENT", "the GPT of the disk: header, number of partitions, their entries", data);
}

/** systemd-boot's configuration. */
export function loaderConfEvent(content: Uint8Array): MeasuredEvent {
  return eventOf("EV_EVENT_TAG", "loader/loader.conf of the ESP, as systemd-boot reads it", content);
}

/** The kernel's EFI stub ends boot services. */
export function exitBootServicesEvents(): MeasuredEvent[] {
  return [action("Exit Boot Services Invocation"), action("Exit Boot Services Returned with Success")];
}

/** The events of PCR 5. */
export function pcr5Events(gpt: Uint8Array | undefined, loaderConf?: Uint8Array): MeasuredEvent[] {
  return [
    separator(),
    ...(gpt === undefined ? [] : [gptEvent(gpt)]),
    ...(loaderConf === undefined ? [] : [loaderConfEvent(loaderConf)]),
    ...exitBootServicesEvents(),
  ];
}
