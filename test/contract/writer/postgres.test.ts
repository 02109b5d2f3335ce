import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import { openLedger } from '#libs/ledger/open.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import {
  allCommitted,
  anAssessment,
  assessmentMessage,
  deadRecords,
  fleetFrames,
  header,
  openWorkshop,
  runWriter,
} from '#test/unit/writer/workshop.ts';

/** What no text may have; much, yet compressible; more than a key of an index may have. */
const STRANGE = ['a\u0000b', 'x'.repeat(8_000), randomBytes(4_000).toString('hex')];

describeServer('DAVYLAMP_TEST_POSTGRES', 'the writer on PostgreSQL', (address) => {
  async function openDatabase(stack: AsyncDisposableStack): Promise<Ledger> {
    const database = await freshDatabase(address);
    stack.defer(() => database.drop());
    const settings = { dataDir: 'unused', ledger: 'postgres', postgresUrl: database.url } as const;
    const ledger = stack.adopt(openLedger(settings), (it) => it.close());
    await ledger.migrate();
    return ledger;
  }

  test('headers that a text cannot hold cost one dead letter each, and hold up nobody', async () => {
    await using shop = await openWorkshop();
    await using stack = new AsyncDisposableStack();
    const ledger = await openDatabase(stack);
    const [frame] = fleetFrames(['a'], 1) as [Outgoing];
    const poisoned = STRANGE.map((boot) => ({
      ...frame,
      value: Uint8Array.of(1, 2, 3),
      headers: { ...frame.headers, boot },
    }));
    await shop.bus.publish([...poisoned, frame]);
    await using writer = await runWriter({ ...shop, ledger });
    await allCommitted(shop.bus);
    expect(await deadRecords(shop.bus)).toHaveLength(STRANGE.length);
    expect(await ledger.custody.balance()).toMatchObject([{ node: 'a', sent: 1, stored: 1 }]);
    expect(writer.app.problem()).toBeNull();
  });

  test('an assessment that it cannot hold is dead-lettered, and the others are kept', async () => {
    await using shop = await openWorkshop();
    await using stack = new AsyncDisposableStack();
    const ledger = await openDatabase(stack);
    const nodes = ['a', 'b', 'c', 'd', 'e'];
    const assessments = nodes.map((node, i) =>
      anAssessment({ node, ...(STRANGE[i] === undefined ? {} : { revision: STRANGE[i] }) }),
    );
    await shop.bus.publish(assessments.map(assessmentMessage));
    await using writer = await runWriter({ ...shop, ledger });
    await allCommitted(shop.bus);
    const dead = await deadRecords(shop.bus);
    expect(dead.map((record) => header(record, 'reason'))).toEqual([
      expect.stringContaining('0x00'),
      expect.stringContaining('index row'),
    ]);
    expect((await ledger.assessments.newest(nodes)).map(({ node }) => node).toSorted()).toEqual([
      'b',
      'd',
      'e',
    ]);
    expect(writer.app.problem()).toBeNull();
  });
});
