import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeServer } from '#test/support/describe-server.ts';

const run = promisify(execFile);
const IDLE_SECONDS = 10;

async function idleShare(broker: string, variant: 'patched' | 'plain'): Promise<number> {
  const program = join(import.meta.dirname, 'idle-producer.ts');
  const { stdout } = await run(process.execPath, [program, broker, variant, String(IDLE_SECONDS)]);
  return Number(stdout);
}

describeServer('DAVYLAMP_TEST_KAFKA', 'idle on Kafka', (broker) => {
  test('an idle producer costs next to nothing, and much less than unpatched', async () => {
    const [patched, plain] = await Promise.all([idleShare(broker, 'patched'), idleShare(broker, 'plain')]);
    process.stdout.write(
      `idle producer: ${(patched * 100).toFixed(2)} % of a core, unpatched ${(plain * 100).toFixed(2)} %\n`,
    );
    expect(patched).toBeGreaterThan(0);
    expect(patched).toBeLessThan(0.01);
    expect(plain / patched).toBeGreaterThan(3);
  });
});
