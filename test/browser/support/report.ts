/** Prints a figure that was measured, beside the tests' own lines. */
export function report(what: string, figure: string): void {
  process.stdout.write(`measured: ${what}: ${figure}\n`);
}
