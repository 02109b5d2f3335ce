import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NoticeBody } from '#libs/ledger/alert-port.ts';
import { channelSettings, openChannels } from '#services/alerter/channels/open.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { aFinding, closed, createWorld, ScriptedReceiver } from '../../unit/alerter/world.ts';
import { MailServer } from './mail-server.ts';

describeServer('DAVYLAMP_TEST_ALERTMANAGER', 'the alerter', (url) => {
  test('tells an alert and its end by every channel that is set, each alike', async () => {
    await using stack = new AsyncDisposableStack();
    const receiver = stack.use(await new ScriptedReceiver().open());
    const server = stack.use(await new MailServer().open());
    const world = stack.use(await createWorld());
    const settings = z.object(channelSettings).parse({
      webhookUrl: receiver.url,
      mailUrl: `smtp://127.0.0.1:${server.port}`,
      mailFrom: 'davylamp@example.org',
      mailTo: 'night@example.org',
      alertmanagerUrl: url,
    });
    const alerter = world.alerter({}, { channels: openChannels(settings) });
    stack.defer(() => alerter.stop());
    await alerter.start();

    const site = `simulated-${randomUUID()}`;
    const finding = aFinding({ site });
    const firing = async () =>
      (await (await fetch(`${url}/api/v2/alerts?filter=site="${site}"`)).json()) as readonly unknown[];
    const told = async () => ({
      webhook: receiver.events,
      mail: server.arrived.map(({ mail }) => mail.subject),
      alertmanager: (await firing()).length,
    });

    await world.publish(finding);
    await eventually(
      'the beginning',
      told,
      ({ webhook, mail, alertmanager }) => webhook.length + mail.length + alertmanager === 3,
      10_000,
      50,
    );
    await world.publish(closed(finding));
    const all = await eventually(
      'the end',
      told,
      ({ webhook, mail, alertmanager }) => webhook.length + mail.length - alertmanager === 4,
      10_000,
      50,
    );
    expect(all).toEqual({
      webhook: ['opened', 'resolved'],
      mail: [
        `[davylamp] medium: deviation on n1 at ${site} (simulated)`,
        `[davylamp] resolved: deviation on n1 at ${site} (simulated)`,
      ],
      alertmanager: 0,
    });
    const ids = (await world.ledger.outbox.list()).map(({ id }) => id);
    expect(receiver.calls.map(({ key }) => key)).toEqual(ids);
    expect(server.arrived.map(({ mail }) => mail.messageId)).toEqual(ids.map((id) => `<${id}@example.org>`));
    const bodies = receiver.calls.map(({ body }) => JSON.parse(body) as NoticeBody);
    expect(bodies.map(({ simulated }) => simulated)).toEqual([true, true]);
  });
});
