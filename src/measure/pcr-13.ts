/**
 * PCR 13: system extension images beside the UKI on the ESP (systemd-stub(7)). An image that carries none leaves it at zero.
 */

import type { MeasuredEvent } from "./event.js";

/** The events of PCR 13. */
export function pcr13Events(): MeasuredEvent[] {
  return [];
}
