import { readFileSync } from 'node:fs';
import koffi from 'koffi';

const MADV_DONTNEED = 4;
/** A mapping's first line: from, to, permissions, offset, device, inode, path. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(\/.+)?$/;

export interface Mapping {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Lets go of the pages of programs and libraries that are mapped into this process: Node's start touches 45 MB of its own
 * file, and a sixth of that is needed afterwards. What is needed comes back from the page cache by itself.
 * @returns bytes of the mappings.
 */
export function releasePages(): number {
  const madvise = koffi.load(null).func('int madvise(uintptr_t, size_t, int)');
  let bytes = 0;
  for (const { from, to } of cleanFileMappings(readFileSync('/proc/self/smaps', 'latin1'))) {
    const length = Number(to - from);
    madvise(from, length, MADV_DONTNEED);
    bytes += length;
  }
  return bytes;
}

/** The mappings of files, in the text of `smaps`, that may not be written and hold nothing that is not in the file. */
export function cleanFileMappings(smaps: string): readonly Mapping[] {
  const clean: Mapping[] = [];
  let current: Mapping | null = null;
  for (const line of smaps.split('\n')) {
    const mapping = MAPPING.exec(line);
    if (mapping) {
      const [, from, to, permissions = '', path] = mapping;
      const isFixed = path !== undefined && permissions.startsWith('r') && !permissions.includes('w');
      current = isFixed ? { from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) } : null;
    } else if (current !== null && /^Anonymous: +0 kB$/.test(line)) {
      clean.push(current);
      current = null;
    }
  }
  return clean;
}
