import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '#test/support/eventually.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { aFinding, createWorld, ScriptedReceiver, type World } from './world.ts';

let world: World;
let receiver: ScriptedReceiver;
let alerter: ServiceProcess;

beforeEach(async () => {
  world = await createWorld();
  receiver = await new ScriptedReceiver().open();
  alerter = new ServiceProcess('alerter', {
    DAVYLAMP_DATA_DIR: world.dataDir,
    DAVYLAMP_BUS_PARTITIONS: '2',
    DAVYLAMP_WEBHOOK_URL: receiver.url,
    DAVYLAMP_JOB_LEASE_MS: '1000',
    DAVYLAMP_SWEEP_MS: '500',
  });
});
afterEach(async () => {
  await alerter.kill();
  await receiver[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const pending = () => world.ledger.outbox.pending(10);

test('a crash between the receiver’s reply and its record repeats the notice under the same key', async () => {
  receiver.script.push((response) => {
    process.kill(alerter.pid, 'SIGKILL');
    response.writeHead(204).end();
  });
  alerter.start();
  await world.publish(aFinding());
  await eventually(
    'the crash',
    async () => alerter.running,
    (isRunning) => !isRunning,
    8_000,
    20,
  );
  expect(await world.ledger.outbox.deliveries({ waiting: true })).toMatchObject([{ attempts: 0 }]);
  alerter.start();
  await eventually('delivery', pending, (list) => list.length === 0 && receiver.calls.length > 0, 8_000, 20);
  const [first, second, ...others] = receiver.calls;
  expect(others).toEqual([]);
  expect(second?.key).toBe(first?.key);
}, 30_000);

test('it stops on a signal with what is in hand recorded', async () => {
  receiver.script.push((response) => void setTimeout(() => response.writeHead(204).end(), 500));
  alerter.start();
  await world.publish(aFinding());
  await eventually(
    'the call',
    async () => receiver.calls.length,
    (calls) => calls === 1,
    8_000,
    20,
  );
  await alerter.stop();
  expect(await pending()).toEqual([]);
  expect(receiver.calls).toHaveLength(1);
}, 30_000);
