/** Marks in the browser's own record of performance, for tests and for whoever looks there. */

/** Something was asked for. */
export function asked(what: string): void {
  performance.mark(what);
}

/** What was asked for is drawn: measured once, from the newest time it was asked for. */
export function drawn(what: string): void {
  if (performance.getEntriesByName(what, 'mark').length === 0) return;
  performance.measure(what, { start: what });
  performance.clearMarks(what);
}
