import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, missingPrograms } from '#test/fixtures/traces/build.ts';
import { GPU_WORKLOADS } from '#test/fixtures/traces/gpu/workloads.ts';

const hashes = GPU_WORKLOADS.filter(({ builds }) => builds?.includes('gpu/hash.cu'));
const [first] = hashes;
const missing = first ? missingPrograms(first, true) : [];
const scratch = mkdtempSync(join(tmpdir(), 'davylamp-hash-'));
const program = join(scratch, 'bin/hash');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const digestOf = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest();
const OTHERS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  sha256d: (bytes) => digestOf('sha256', digestOf('sha256', bytes)).toString('hex'),
  'sha3-256': (bytes) => digestOf('sha3-256', bytes).toString('hex'),
  'blake2b-512': (bytes) => digestOf('blake2b512', bytes).toString('hex'),
};

/** Lines of what the program computed: function, input and output in hexadecimal. */
function checked(): readonly (readonly [name: string, input: string, output: string])[] {
  const lines = execFileSync(program, ['--check'], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [name = '', input = '', output = ''] = line.split(' ');
    return [name, input, output] as const;
  });
}

describe('hashes of the GPU workloads, compiled for a processor', () => {
  if (!first || (missing.length > 0 && process.env.CI !== 'true')) {
    test.skip(`no compiler: ${missing.join(', ')}`, () => undefined);
    return;
  }
  beforeAll(async () => {
    await build(first, scratch, true);
  }, 60_000);

  test('SHA-256, Keccak and BLAKE2b are those of another implementation', () => {
    const lines = checked();
    for (const [name, other] of Object.entries(OTHERS)) {
      const own = lines.filter((line) => line[0] === name);
      expect(own.length, name).toBeGreaterThan(0);
      for (const [, input, output] of own) expect(output, name).toBe(other(Buffer.from(input, 'hex')));
    }
  });

  test('BLAKE2b of 32 bytes and SipHash are those of the published vectors', () => {
    const of = (name: string) => checked().filter((line) => line[0] === name);
    // hashlib.blake2b(bytes.fromhex('c992c5c8e3f4133f'), digest_size=32)
    expect(of('blake2b-256')[0]?.slice(1)).toEqual([
      'c992c5c8e3f4133f',
      '4b64fc5212ef7aa3dbd04e16146395a7e89abf1c8cab698befe1757764c7cbd8',
    ]);
    // Aumasson and Bernstein's reference vectors, that of 8 bytes.
    expect(of('siphash-2-4')[0]?.[2]).toBe('93f5f5799a932462');
  });

  test.each([...new Set(hashes.map(({ command }) => command[1] ?? ''))])(
    '%s does work until its time is over',
    (name) => {
      const said = execFileSync(program, [name, '--seconds', '0.05', '--gib', '0.001'], { encoding: 'utf8' });
      expect(said).toMatch(new RegExp(`^${name}: [1-9]`));
    },
  );

  test('half of the time it rests', () => {
    const rate = (duty: string) => {
      const options = ['sha256d', '--seconds', '0.6', '--period', '0.1', '--duty', duty];
      return Number(/: (\S+)/.exec(execFileSync(program, options, { encoding: 'utf8' }))?.[1]);
    };
    const ratio = rate('0.3') / rate('1');
    expect(ratio).toBeGreaterThan(0.1);
    expect(ratio).toBeLessThan(0.75);
  });
});
