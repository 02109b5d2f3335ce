import { join } from 'node:path';
import process from 'node:process';

/**
 * Takes koffi's place in the bundle: its native part alone, from beside the bundle. The package's own JavaScript looks
 * for that in `node_modules`.
 */
function loadNative(): object {
  const native = { exports: {} };
  try {
    process.dlopen(native, join(import.meta.dirname, 'koffi.node'));
  } catch {
    // Where the C library is not glibc. What is wrong with this one is told.
    process.dlopen(native, join(import.meta.dirname, 'koffi-musl.node'));
  }
  return native.exports;
}

export default loadNative();
