import { expect, test } from 'vitest';
import type { OpenLedger } from '#libs/ledger/open.ts';
import { SYSTEM } from '#libs/model/alert.ts';
import type { Silence } from '#libs/model/silence.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';
import { aFinding } from './samples.ts';

const HOUR_MS = 3_600_000;

/** Silences and maintenance windows, and the alerts that they cover. */
export function silenceContract(ledgers: () => readonly [OpenLedger, OpenLedger]): void {
  const startMs = Date.now();
  const aSilence = (given: Partial<Silence> = {}): Silence => ({
    id: 's1',
    purpose: 'maintenance',
    scope: { site: 'hall-1' },
    fromMs: startMs - HOUR_MS,
    untilMs: startMs + HOUR_MS,
    reason: 'new power supplies',
    by: 'alex',
    createdMs: startMs,
    endedMs: null,
    endedBy: null,
    ...given,
  });
  const events = async () => (await ledgers()[0].outbox.list()).map(({ event }) => event);
  const take = (given: Parameters<typeof aFinding>[0] = {}) => ledgers()[0].alerts.take(aFinding(given));

  test('keeps silences, the same again without a change, and ends them early', async () => {
    const [ledger, other] = ledgers();
    await ledger.silences.add(aSilence());
    await other.silences.add(aSilence());
    await expect(other.silences.add(aSilence({ reason: 'another' }))).rejects.toBeInstanceOf(ConflictError);
    expect(await other.silences.list(startMs)).toEqual([aSilence()]);
    await other.silences.end('s1', 'kim', startMs + 5);
    await other.silences.end('s1', 'alex', startMs + 6);
    expect(await ledger.silences.list(startMs + 10)).toEqual([
      aSilence({ endedMs: startMs + 5, endedBy: 'kim' }),
    ]);
    await expect(ledger.silences.end('unknown', 'kim', 1)).rejects.toBeInstanceOf(NotFoundError);
  });

  test('tells nobody of an alert that opens under a silence, and of it when the silence ends', async () => {
    const [ledger, other] = ledgers();
    await ledger.silences.add(aSilence());
    const change = await take();
    expect(change).toMatchObject({ alert: { state: 'silenced' }, notices: [] });
    expect(await ledger.silences.settle(startMs + 10)).toEqual([]);
    const [settled, ...others] = await other.silences.settle(startMs + HOUR_MS);
    expect(others).toEqual([]);
    expect(settled).toMatchObject({ change: 'opened', alert: { state: 'open' } });
    expect(await events()).toEqual(['opened']);
    expect(await ledger.silences.settle(startMs + HOUR_MS)).toEqual([]);
    const history = await ledger.alerts.history(change?.alert.id ?? '');
    expect(history.map(({ by, act, state }) => [by, act.kind, state])).toEqual([
      [SYSTEM, 'silence', 'silenced'],
      [SYSTEM, 'unsilence', 'open'],
    ]);
    expect(history[0]?.act).toMatchObject({ reason: 'maintenance: new power supplies' });
  });

  test('tells nobody at all of an alert that opens and resolves under a silence', async () => {
    const [ledger] = ledgers();
    await ledger.silences.add(aSilence());
    await take();
    await take({ status: 'closed', updatedMs: 9_000, closedMs: 9_000 });
    await ledger.silences.settle(startMs + 2 * HOUR_MS);
    expect(await events()).toEqual([]);
  });

  test('tells of the end of an alert that people were told of before it was silenced', async () => {
    const [ledger] = ledgers();
    await take();
    await ledger.silences.add(aSilence());
    expect(await ledger.silences.settle(startMs)).toMatchObject([{ alert: { state: 'silenced' } }]);
    await take({ status: 'closed', updatedMs: 9_000, closedMs: 9_000 });
    expect(await events()).toEqual(['opened', 'resolved']);
  });

  test('covers only what fits every field of its scope', async () => {
    const [ledger] = ledgers();
    const scope = { site: 'hall-1', kind: 'deviation', nodes: ['n1', 'n2'] } as const;
    await ledger.silences.add(aSilence({ scope }));
    expect((await take())?.alert.state).toBe('silenced');
    expect((await take({ id: 'f2', node: 'n2' }))?.alert.state).toBe('silenced');
    expect((await take({ id: 'x', cause: 'elsewhere', site: 'hall-2' }))?.alert.state).toBe('open');
    const grown = await take({ id: 'f3', node: 'n3' });
    expect(grown).toMatchObject({ change: 'opened', alert: { state: 'open' } });
    expect(grown?.notices).toHaveLength(1);
    const shrunk = await take({ id: 'f3', node: 'n3', status: 'closed', updatedMs: 9_000, closedMs: 9_000 });
    expect(shrunk?.alert.state).toBe('silenced');
  });

  test('silences one alert by a person’s act, until it ends or the person says so', async () => {
    const [ledger, other] = ledgers();
    const id = (await take())?.alert.id ?? '';
    const silence = { kind: 'silence', untilMs: startMs + HOUR_MS, reason: 'known' } as const;
    expect((await ledger.alerts.act(id, silence, 'alex', startMs)).alert.state).toBe('silenced');
    expect(await other.silences.list(startMs)).toMatchObject([
      { purpose: 'silence', scope: { alert: id }, by: 'alex', reason: 'known', untilMs: startMs + HOUR_MS },
    ]);
    await ledger.alerts.act(id, { ...silence, untilMs: startMs + 2 * HOUR_MS }, 'alex', startMs + 1);
    expect(await other.silences.settle(startMs + HOUR_MS)).toEqual([]);
    const ended = await ledger.alerts.act(id, { kind: 'unsilence', reason: 'fixed' }, 'kim', startMs + 2);
    expect(ended).toMatchObject({ change: 'opened', alert: { state: 'open' } });
    expect((await other.silences.list(startMs + 3)).map(({ endedBy }) => endedBy)).toEqual(['kim', 'kim']);
    expect(await events()).toEqual(['opened', 'opened']);
    const past = ledger.alerts.act(id, { ...silence, untilMs: startMs }, 'alex', startMs + 5);
    await expect(past).rejects.toBeInstanceOf(ConflictError);
  });

  test('does not lift another silence by an act on one alert', async () => {
    const [ledger] = ledgers();
    const id = (await take())?.alert.id ?? '';
    await ledger.silences.add(aSilence());
    await ledger.silences.settle(startMs);
    const act = ledger.alerts.act(id, { kind: 'unsilence', reason: 'fixed' }, 'kim', startMs + 2);
    await expect(act).rejects.toThrow(/maintenance s1/);
    expect((await ledger.alerts.find(id))?.state).toBe('silenced');
  });

  test('settles each alert once when two services do it at the same time', async () => {
    const [ledger, other] = ledgers();
    await ledger.silences.add(aSilence());
    for (let index = 0; index < 5; index++) await take({ id: `f${index}`, cause: `c${index}` });
    const changes = await Promise.all(
      [ledger, other].map(({ silences }) => silences.settle(startMs + 2 * HOUR_MS)),
    );
    expect(changes.flat()).toHaveLength(5);
    expect(await events()).toHaveLength(5);
  });
}
