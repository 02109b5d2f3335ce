/** `seriesUrl` → `DAVYLAMP_SERIES_URL`. Apart, so that small processes need not load the parser of configurations. */
export function envName(key: string): string {
  return `DAVYLAMP_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}
