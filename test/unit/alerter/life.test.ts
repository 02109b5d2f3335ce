import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NoticeBody } from '#libs/ledger/alert-port.ts';
import { SYSTEM } from '#libs/model/alert.ts';
import type { App } from '#libs/runtime/app.ts';
import { LedgerUnavailableError } from '#libs/runtime/errors.ts';
import type { AlerterPorts, AlerterSettings } from '#services/alerter/app.ts';
import { eventually } from '#test/support/eventually.ts';
import { Notebook } from './notebook.ts';
import { aFinding, createWorld, type World } from './world.ts';

const MINUTE = 1 / 60_000;
const HOUR = 1 / 3_600_000;

let world: World;
let mail: Notebook;
let running: App | undefined;

beforeEach(async () => {
  world = await createWorld();
  mail = new Notebook('mail');
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await world[Symbol.asyncDispose]();
});

async function run(
  settings: Partial<AlerterSettings> = {},
  ports: Partial<AlerterPorts> = {},
): Promise<void> {
  const alerter = world.alerter(settings, { channels: [mail], ...ports });
  running = alerter;
  await alerter.start();
}

const becomes = <T>(what: string, ask: () => T, expected: T) =>
  eventually(
    what,
    async () => ask(),
    (answer) => JSON.stringify(answer) === JSON.stringify(expected),
    8_000,
    20,
  );
const eventsBecome = (...expected: string[]) => becomes('events', () => mail.events, expected);
const alertOf = async (cause?: string) => {
  const alerts = await world.ledger.alerts.alerts();
  const alert = cause === undefined ? alerts[0] : alerts.find((one) => one.cause === cause);
  if (!alert) throw new Error('expected an alert');
  return alert;
};
const stateBecomes = (state: string) =>
  eventually(
    'state',
    async () => (await world.ledger.alerts.alerts())[0]?.state,
    (it) => it === state,
    8_000,
    20,
  );

describe('escalation', () => {
  test('comes when nobody acknowledged in time, once, under the name of the system', async () => {
    await run({ escalateAfterMinutes: 300 * MINUTE });
    await world.publish(aFinding());
    await eventsBecome('opened', 'escalated');
    const { id, state } = await alertOf();
    expect(state).toBe('escalated');
    expect(await world.ledger.alerts.history(id)).toMatchObject([
      {
        by: SYSTEM,
        act: { kind: 'escalate', reason: expect.stringMatching(/^nobody acknowledged it within/) },
      },
    ]);
    const body = JSON.parse(mail.told[1]?.body ?? '') as NoticeBody;
    expect(body.act).toMatchObject({ by: SYSTEM, kind: 'escalate' });
  });

  test('does not come for what was acknowledged, nor for what is below its severity', async () => {
    await run({ escalateAfterMinutes: 600 * MINUTE, escalateFrom: 'medium' });
    await world.publish(
      aFinding({ id: 'f1', cause: 'a' }),
      aFinding({ id: 'f2', cause: 'b', severity: 'low' }),
      aFinding({ id: 'f3', cause: 'c' }),
    );
    await becomes('three told', () => mail.told.length, 3);
    const { id } = await alertOf('a');
    await world.ledger.alerts.act(id, { kind: 'acknowledge' }, 'alex', Date.now());
    await becomes('the escalation of the third', () => mail.told.at(-1)?.event, 'escalated');
    expect(mail.told.at(-1)?.alert).toBe((await alertOf('c')).id);
    expect((await alertOf('a')).state).toBe('acknowledged');
    expect((await alertOf('b')).state).toBe('open');
  });

  test('comes even if the job store has lost everything', async () => {
    await run({ escalateAfterMinutes: 1_500 * MINUTE });
    await world.publish(aFinding());
    await eventsBecome('opened');
    await world.ledger.database.deleteFrom('job').execute();
    await eventsBecome('opened', 'escalated');
  });
});

describe('a silence', () => {
  test('holds, and when it expires people are told what is still open', async () => {
    await run({ sweepMs: 30_000 });
    const nowMs = Date.now();
    await world.ledger.silences.add({
      id: 's1',
      purpose: 'maintenance',
      scope: { site: 'hall-1' },
      fromMs: nowMs - 1_000,
      untilMs: nowMs + 1_500,
      reason: 'new power supplies',
      by: 'alex',
      createdMs: nowMs,
      endedMs: null,
      endedBy: null,
    });
    await running?.stop();
    // The sweep is far: what ends the silence is its job.
    await run({ sweepMs: 30_000 });
    await world.publish(aFinding());
    await stateBecomes('silenced');
    expect(mail.told).toEqual([]);
    await eventsBecome('opened');
    expect(Date.now()).toBeGreaterThanOrEqual(nowMs + 1_500);
    expect((await alertOf()).state).toBe('open');
  });

  test('that a person begins silences what is open, and says nothing until it ends', async () => {
    await run();
    await world.publish(aFinding());
    await eventsBecome('opened');
    const { id } = await alertOf();
    const untilMs = Date.now() + 800;
    await world.ledger.alerts.act(id, { kind: 'silence', untilMs, reason: 'known' }, 'alex', Date.now());
    await world.publish(aFinding({ node: 'n2' }));
    await eventsBecome('opened', 'opened');
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  });
});

describe('upkeep', () => {
  test('resolves what nothing has happened to for long, and opens it again when it goes on', async () => {
    await run({ autoResolveHours: 500 * HOUR });
    await world.publish(aFinding());
    await eventsBecome('opened', 'resolved');
    const history = await world.ledger.alerts.history((await alertOf()).id);
    expect(history).toMatchObject([{ by: SYSTEM, act: { kind: 'resolve' } }]);
    await world.publish(aFinding({ updatedMs: 3_000 }));
    await becomes('again', () => mail.events.slice(0, 3), ['opened', 'resolved', 'opened']);
  });

  test('says what it cannot reach, and when it can again', async () => {
    let isAway = false;
    const check = async () => {
      if (isAway) throw new LedgerUnavailableError('PostgreSQL: away');
      await world.ledger.check();
    };
    const alerter = world.alerter({}, { ledger: { ...world.ledger, check } });
    running = alerter;
    await alerter.start();
    expect(alerter.problem()).toBeNull();
    isAway = true;
    await becomes('a problem', () => alerter.problem(), 'ledger: PostgreSQL: away');
    isAway = false;
    await becomes('none', () => alerter.problem(), null);
  });
});
