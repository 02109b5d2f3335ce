import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';

const SOURCE = join(import.meta.dirname, '../fixtures/nvml/stub.c');

/** A made-up NVML that is loaded into this process: settings work at once. See `test/fixtures/nvml/stub.c`. */
export interface NvmlStub extends Disposable {
  readonly path: string;
  /** e.g. `set('power.1', 350_000)`. */
  set(key: string, value: number): void;
  /** Forgets all settings. */
  clear(): void;
  /** How often it is initialised and not shut down. */
  open(): number;
  /** GPM samples that were allocated and not freed. */
  samplesAlive(): number;
  /** Sizes and places of structs as the C compiler sees them, by type. */
  layouts(): Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Builds the library by the C compiler. @param options e.g. `-DOLD_DRIVER`. */
export function buildNvmlStub(folder: string, options: readonly string[] = []): string {
  const path = join(folder, `libnvidia-ml${options.join('')}.so`);
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', ...options, '-o', path, SOURCE]);
  return path;
}

export function loadNvmlStub(options: readonly string[] = []): NvmlStub {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-nvml-'));
  const path = buildNvmlStub(folder, options);
  const library = koffi.load(path);
  const native = {
    set: library.func('void stub_set(const char *, double)'),
    clear: library.func('void stub_clear()'),
    open: library.func('int stub_open()'),
    samplesAlive: library.func('long stub_samples_alive()'),
    layouts: library.func('const char *stub_layouts()'),
  };
  return {
    path,
    set: (key, value) => void native.set(key, value),
    clear: () => void native.clear(),
    open: () => Number(native.open()),
    samplesAlive: () => Number(native.samplesAlive()),
    layouts: () => JSON.parse(String(native.layouts())) as ReturnType<NvmlStub['layouts']>,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
