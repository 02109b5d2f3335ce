/** The driver's units into base units. */
export const WATTS_PER_MILLIWATT = 1e-3;
export const JOULES_PER_MILLIJOULE = 1e-3;
export const HERTZ_PER_MEGAHERTZ = 1e6;
export const BYTES_PER_KIB = 1024;
export const BYTES_PER_MIB = 1024 ** 2;
/** `nvmlDeviceGetPcieThroughput` counts in KB/s of a thousand bytes. */
export const BYTES_PER_KB = 1_000;

/** Rounding of the driver, which divides counters that were not read at the same instant. */
const ROUNDING_PERCENT = 105;

/** Percent → 0 to 1. A little above 100 is 100; more stays, and shows as a faulty sensor. */
export function ratioOf(percent: number): number {
  return percent > 100 && percent <= ROUNDING_PERCENT ? 1 : percent / 100;
}
