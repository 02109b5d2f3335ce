/** Sites whose names begin so hold no real machines. The name travels with every frame, finding, alert and notice. */
export const SIMULATED_SITE = 'simulated-';

/** Whether what carries this site's name is simulated; pages and notices say so. */
export function isSimulated(site: string): boolean {
  return site.startsWith(SIMULATED_SITE);
}
