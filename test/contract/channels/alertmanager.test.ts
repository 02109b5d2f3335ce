import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Alert } from '#libs/model/alert.ts';
import { alertmanagerChannel } from '#services/alerter/channels/alertmanager.ts';
import type { Posted } from '#services/alerter/channels/alertmanager-alert.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { aNotice, anAlert, OPENED_MS } from '../../unit/alerter/channels/samples.ts';
import { type ChannelWorld, channelContract } from './contract.ts';

type Known = Posted & { readonly receivers: readonly { readonly name: string }[] };

describeServer('DAVYLAMP_TEST_ALERTMANAGER', 'alertmanager', (url) => {
  const { port } = new URL(url);
  /** An Alertmanager has no databases: a site of its own keeps each test apart. */
  const site = () => `site-${randomUUID()}`;

  async function ask<T>(path: string): Promise<T> {
    return (await fetch(`${url}/api/v2/${path}`)).json() as Promise<T>;
  }
  const firing = (filter: string) => ask<Known[]>(`alerts?filter=${encodeURIComponent(filter)}`);
  const settingsOf = (alertmanagerUrl: string, alertmanagerTimeoutMs = 5_000) => ({
    ...{ alertmanagerUrl, alertmanagerTimeoutMs },
    consoleUrl: 'https://lamp.example.org',
  });

  async function world(): Promise<ChannelWorld> {
    const at = `127.0.0.1:${port}`;
    return {
      port: Number(port),
      channel: (own, timeoutMs) =>
        alertmanagerChannel(settingsOf(`http://lamp:p%40ss%2Fword@127.0.0.1:${own}`, timeoutMs)),
      refused: () => alertmanagerChannel(settingsOf(`http://lamp:p%40ss%2Fword@${at}/nowhere/`)),
      distinct: async () => (await firing('alert_id="alert-5f0c"')).length,
      [Symbol.asyncDispose]: () =>
        alertmanagerChannel(settingsOf(url)).deliver(aNotice('resolved', anAlert({ resolvedMs: OPENED_MS }))),
    };
  }

  describe('as a channel', () => channelContract('alertmanager', world));

  describe('by its API', () => {
    const channel = alertmanagerChannel(settingsOf(url));
    const told: Alert[] = [];
    const own = (given: Partial<Alert> = {}): Alert => {
      const alert = anAlert({ id: `alert-${randomUUID()}`, site: site(), ...given });
      told.push(alert);
      return alert;
    };
    const resolve = (alert: Alert) => {
      const ended = { ...alert, state: 'resolved', resolvedMs: alert.openedMs + 60_000 } as const;
      return channel.deliver(aNotice('resolved', ended, { id: `notice-${randomUUID()}` }));
    };
    afterEach(async () => {
      await Promise.all(told.splice(0).map(resolve));
    });

    test('knows an alert by its labels, its grounds, and the way to the console', async () => {
      const alert = own({ site: `simulated-${randomUUID()}`, kind: 'blind with load' });
      await channel.deliver(aNotice('opened', alert));
      const [known, ...others] = await firing(`site="${alert.site}"`);
      expect(others).toEqual([]);
      expect(known?.labels).toEqual({
        alertname: 'DavylampBlindWithLoad',
        alert_id: alert.id,
        kind: 'blind with load',
        severity: 'high',
        simulated: 'true',
        site: alert.site,
        tenant: 'Nordlys AI',
      });
      expect(known?.annotations).toMatchObject({
        summary: `deviation on 16 nodes at ${alert.site} (simulated)`,
        description: expect.stringContaining('It judges nobody'),
        grounds: expect.stringMatching(/^gpu memory activity[^\n]*\nnode power watts/),
        cannot_see: 'whether the work is paid in tokens\nwhat runs between two samples',
      });
      expect(known?.startsAt).toBe(new Date(OPENED_MS).toISOString());
      expect(known?.generatorURL).toBe(`https://lamp.example.org/alerts/${alert.id}`);
    });

    test('knows one alert however often it is told, for longer than until it is told again', async () => {
      const alert = own();
      for (let time = 0; time < 3; time++) await channel.deliver(aNotice('opened', alert));
      const known = await firing(`site="${alert.site}"`);
      expect(known).toHaveLength(1);
      const lastsMs = Date.parse(known[0]?.endsAt ?? '') - Date.now();
      expect(lastsMs).toBeGreaterThan(4 * (channel.repeatMs ?? 0));
    });

    test('forgets what is resolved, and knows it again when it reopens', async () => {
      const alert = own();
      await channel.deliver(aNotice('opened', alert));
      await resolve(alert);
      expect(await firing(`site="${alert.site}"`)).toEqual([]);
      await channel.deliver(
        aNotice('opened', alert, { id: 'notice-reopened', createdMs: OPENED_MS + 800_000 }),
      );
      expect(await firing(`site="${alert.site}"`)).toHaveLength(1);
    });

    test('lets no repeat bring back what has ended', async () => {
      const alert = own();
      const repeat = aNotice('opened', alert);
      await channel.deliver(repeat);
      await resolve(alert);
      await channel.deliver(repeat);
      expect(await firing(`site="${alert.site}"`)).toEqual([]);
    });

    test('ends an alert whose times lie ahead of the clock here', async () => {
      const alert = own({ openedMs: Date.now() + 3_600_000 });
      await channel.deliver(aNotice('opened', alert));
      expect(await firing(`site="${alert.site}"`)).toHaveLength(1);
      await resolve(alert);
      expect(await firing(`site="${alert.site}"`)).toEqual([]);
    });

    test('keeps one alert when its severity rises, and none when it is over', async () => {
      const alert = own({ severity: 'low' });
      await channel.deliver(aNotice('opened', alert));
      await channel.deliver(aNotice('escalated', { ...alert, severity: 'high' }));
      const known = await firing(`site="${alert.site}"`);
      expect(known.map(({ labels }) => labels.severity)).toEqual(['high']);
      await resolve({ ...alert, severity: 'medium' });
      expect(await firing(`site="${alert.site}"`)).toEqual([]);
    });

    test('groups what belongs together', async () => {
      const first = own();
      const second = own({ site: first.site, tenant: null });
      const other = own({ kind: 'clock' });
      for (const alert of [first, second, other])
        await channel.deliver(aNotice('opened', alert, { id: `notice-${alert.id}` }));
      const groupsOf = async () => {
        const groups = await ask<{ labels: Record<string, string>; alerts: Known[] }[]>('alerts/groups');
        return groups
          .filter(({ labels }) => [first.site, other.site].includes(labels.site ?? ''))
          .map(({ labels, alerts }) => `${alerts.length} ${labels.kind}`)
          .toSorted((a, b) => (a < b ? -1 : 1));
      };
      const groups = await eventually('groups', groupsOf, (found) => found.length === 2, 5_000, 50);
      expect(groups).toEqual(['1 clock', '2 deviation']);
    });

    test('tells each of several, says which is away, and lets that hold up the others no longer than need be', async () => {
      const [away = 0] = await freePorts(1);
      const both = alertmanagerChannel(settingsOf(`${url}/, http://127.0.0.1:${away}`));
      const alert = own();
      const reason = new RegExp(`^127\\.0\\.0\\.1:${away}: .*ECONNREFUSED.*1 of 2 have it`);
      await expect(both.deliver(aNotice('opened', alert))).rejects.toThrow(reason);
      expect(await firing(`site="${alert.site}"`)).toHaveLength(1);
      await expect(both.deliver(aNotice('opened', alert))).rejects.toThrow(reason);
      await both.deliver(aNotice('opened', alert));
    });

    test('keeps alerts alive at the one that is there, without waiting for the one that is not', async () => {
      await using proxy = await startFlakyProxy({ host: '127.0.0.1', port: Number(port) });
      const both = alertmanagerChannel(settingsOf(`http://127.0.0.1:${proxy.port},${url}`, 300));
      const alerts = Array.from({ length: 10 }, () => own());
      const told = (alert: Alert) => ({
        ...aNotice('opened', alert, { id: alert.id }),
        deliveredMs: OPENED_MS,
      });
      proxy.mode = 'stall';
      const beganMs = performance.now();
      for (const alert of alerts) await both.deliver(told(alert));
      expect(performance.now() - beganMs).toBeLessThan(2_000);
      for (const { site: its } of alerts) expect(await firing(`site="${its}"`)).toHaveLength(1);
    });

    test('tells one that comes back of what is new', async () => {
      await using proxy = await startFlakyProxy({ host: '127.0.0.1', port: Number(port) });
      await using other = createServer((_, response) => response.end());
      await once(other.listen(0, '127.0.0.1'), 'listening');
      const bases = [(other.address() as AddressInfo).port, proxy.port].map((at) => `http://127.0.0.1:${at}`);
      const both = alertmanagerChannel(settingsOf(bases.join(',')));
      const alert = own();
      proxy.mode = 'reset';
      for (let attempt = 0; attempt < 2; attempt++)
        await expect(both.deliver(aNotice('opened', alert))).rejects.toThrow('1 of 2 have it');
      await both.deliver(aNotice('opened', alert));
      expect(await firing(`site="${alert.site}"`)).toEqual([]);
      proxy.mode = 'pass';
      await both.deliver(aNotice('escalated', alert));
      expect(await firing(`site="${alert.site}"`)).toHaveLength(1);
    });
  });
});
