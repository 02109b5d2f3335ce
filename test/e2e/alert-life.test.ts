import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Ledger } from '#libs/ledger/port.ts';
import { SYSTEM } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { hashPassword } from '#services/console/password.ts';
import { findChromium, launch, type Seat, sitDown } from '#test/browser/support/browser.ts';
import buildPages from '#test/browser/support/build.ts';
import { PASSWORD } from '#test/browser/support/site.ts';
import { MailServer } from '#test/contract/channels/mail-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { OwnRedis } from '#test/support/own-redis.ts';
import { type Environment, ServiceProcess } from '#test/support/process.ts';
import { distributedWorld, testServers } from '#test/support/world.ts';
import { aFinding, closed, messageOf, ScriptedReceiver } from '#test/unit/alerter/world.ts';

/**
 * Alerts from the first finding to the last notice, on Kafka, PostgreSQL, Redis and SMTP as they are deployed. Redis is
 * one of its own, which is emptied, killed and started again without its memory. The acknowledgement comes from the page,
 * in a Chromium.
 */
const servers = testServers();
/** Long enough for a person at the page to be there first. */
const ESCALATE_MS = 12_000;
const SILENCE_MS = 8_000;
const OPERATOR = 'alex';

test.skipIf(servers === null)(
  'an alert opens, is acknowledged, escalates, is silenced and resolves; people hear of each once',
  async ({ skip }) => {
    if (servers === null) return;
    if (findChromium() === null && process.env.CI !== 'true') {
      return skip('no chromium on the PATH (apt-get install chromium)');
    }
    await buildPages();
    await using redis = await OwnRedis.open();
    await using mail = await new MailServer().open();
    await using receivers = new AsyncDisposableStack();
    const hook = receivers.use(await new ScriptedReceiver().open());
    const [healthPort = 0, consolePort = 0] = await freePorts(2);
    await using world = await distributedWorld(servers, {
      DAVYLAMP_REDIS_URL: redis.url,
      DAVYLAMP_WEBHOOK_URL: hook.url,
      DAVYLAMP_WEBHOOK_TIMEOUT_MS: '5000',
      DAVYLAMP_MAIL_URL: `smtp://127.0.0.1:${mail.port}`,
      DAVYLAMP_MAIL_FROM: 'lamp@example.org',
      DAVYLAMP_MAIL_TO: 'ops@example.org',
      DAVYLAMP_ESCALATE_AFTER_MINUTES: String(ESCALATE_MS / 60_000),
      DAVYLAMP_ESCALATE_FROM: 'high',
      DAVYLAMP_SWEEP_MS: '500',
      DAVYLAMP_DELIVERY_BACKOFF_MS: '200',
      DAVYLAMP_JOB_LEASE_MS: '2000',
      DAVYLAMP_HEALTH_PORT: String(healthPort),
      DAVYLAMP_LOG_LEVEL: 'error',
    });
    const { bus, ledger } = world;
    await bus.ensure(Object.values(TOPICS));
    await using alerter = new ServiceProcess('alerter', world.env).start();
    await using desk = await startConsole(world.env, ledger, consolePort);
    await using browser = await launch();
    const operator = await sitDown(browser, desk.url, OPERATOR);

    const publish = (...findings: readonly Finding[]) => bus.publish(findings.map(messageOf));
    const alertOf = async (cause: string) =>
      (await ledger.alerts.alerts()).find((one) => one.cause === cause);
    const stateBecomes = (cause: string, state: string) =>
      eventually(
        `${cause} ${state}`,
        async () => (await alertOf(cause))?.state,
        (it) => it === state,
        30_000,
        100,
      );
    /** What the notices of a cause said, in the order in which they came. */
    const heard = (calls: readonly { readonly body: string }[], cause: string) =>
      calls
        .map(({ body }) => JSON.parse(body) as { event: string; alert: { cause: string } })
        .filter(({ alert }) => alert.cause === cause)
        .map(({ event }) => event);
    const hears = (cause: string, ...events: string[]) =>
      eventually(
        `the receiver hears of ${cause}`,
        async () => heard(hook.calls, cause),
        (it) => it.join() === events.join(),
        30_000,
        50,
      );
    const mailsBecome = (count: number) =>
      eventually(
        'mails',
        async () => mail.arrived.length,
        (it) => it === count,
        30_000,
        100,
      );
    const health = async () => (await fetch(`http://127.0.0.1:${healthPort}/healthz`)).text();

    // Findings of one cause are one alert, told once to each channel. A person takes it.
    await publish(
      ...['n1', 'n2', 'n3'].map((node) => aFinding({ node, cause: 'a', severity: 'high' })),
      aFinding({ node: 'n1', cause: 'a', severity: 'high' }),
    );
    await hears('a', 'opened');
    const a = await eventually(
      'three nodes',
      () => alertOf('a'),
      (it) => it?.nodes.length === 3,
      10_000,
      50,
    );
    await acknowledge(operator, a?.id ?? '');
    expect(await alertOf('a')).toMatchObject({ state: 'acknowledged' });
    expect(await health()).toBe('ok\n');

    // A window of maintenance is kept from people; meanwhile another alert waits for somebody in vain.
    const silencedMs = Date.now();
    await ledger.silences.add({
      id: randomUUID(),
      purpose: 'maintenance',
      scope: { site: 'yard' },
      fromMs: silencedMs,
      untilMs: silencedMs + SILENCE_MS,
      reason: 'new power supplies',
      by: 'alex',
      createdMs: silencedMs,
      endedMs: null,
      endedBy: null,
    });
    await publish(
      aFinding({ id: 'f-b', cause: 'b', severity: 'high' }),
      aFinding({ id: 'f-c', cause: 'c', site: 'yard' }),
    );
    await hears('b', 'opened');
    await stateBecomes('c', 'silenced');

    // The job store loses everything, twice: while a notice is on its way, and by a crash; then it is away while an
    // alert opens.
    hook.script.push((response) => void setTimeout(() => response.writeHead(204).end(), 2_000));
    await publish(aFinding({ id: 'f-h', cause: 'h' }));
    await hears('h', 'opened');
    await redis.flush();
    const arrives = async () => (await ledger.outbox.deliveries({ waiting: true })).length;
    await eventually('its arrival', arrives, (waiting) => waiting === 0, 10_000, 100);
    await redis.kill();
    await publish(aFinding({ id: 'f-d', cause: 'd' }));
    await stateBecomes('d', 'open');
    await eventually('ill health', health, (text) => text.startsWith('jobs: Redis'), 20_000, 200);
    expect(heard(hook.calls, 'd')).toEqual([]);
    await redis.start();
    await hears('d', 'opened');
    await hears('b', 'opened', 'escalated');
    await eventually('health', health, (text) => text === 'ok\n', 15_000, 100);
    await stateBecomes('b', 'escalated');
    // `a` opened earlier and is as grave: whoever acknowledged it in time has won.
    expect(heard(hook.calls, 'a')).toEqual(['opened']);
    await hears('c', 'opened');
    expect(Date.now()).toBeGreaterThanOrEqual(silencedMs + SILENCE_MS);

    // A receiver is down for a while: it is seen, the other channel goes on, and then everything comes in order.
    const { port } = hook;
    await receivers.disposeAsync();
    const before = mail.arrived.length;
    await publish(
      aFinding({ id: 'f-e', cause: 'e' }),
      closed(aFinding({ id: 'f-e', cause: 'e' })),
      aFinding({ id: 'f-g', cause: 'g' }),
    );
    await mailsBecome(before + 3);
    const failing = () => ledger.outbox.deliveries({ failing: true });
    const seen = await eventually('failures', failing, (list) => list.length === 2, 20_000, 100);
    expect(seen.map(({ channel, event }) => [channel, event])).toEqual([
      ['webhook', 'opened'],
      ['webhook', 'opened'],
    ]);
    await using back = await new ScriptedReceiver().open(port);
    await eventually(
      'all told',
      () => ledger.outbox.pending(10),
      (list) => list.length === 0,
      30_000,
      100,
    );
    expect(heard(back.calls, 'e')).toEqual(['opened', 'resolved']);
    expect(heard(back.calls, 'g')).toEqual(['opened']);

    // The end of what was acknowledged is told; a person ends another.
    await publish(...['n1', 'n2', 'n3'].map((node) => closed(aFinding({ node, cause: 'a' }))));
    await stateBecomes('a', 'resolved');
    expect((await ledger.alerts.history(a?.id ?? '')).map(({ act, by }) => [act.kind, by])).toEqual([
      ['acknowledge', OPERATOR],
      ['resolve', SYSTEM],
    ]);
    expect(operator.complaints).toEqual([]);
    const g = await alertOf('g');
    await ledger.alerts.act(g?.id ?? '', { kind: 'resolve', reason: 'a declared run' }, 'kim', Date.now());
    await eventually(
      'all told',
      () => ledger.outbox.pending(10),
      (list) => list.length === 0,
      30_000,
      100,
    );
    expect(heard(back.calls, 'a')).toEqual(['resolved']);
    expect(heard(back.calls, 'g')).toEqual(['opened', 'resolved']);

    // Every notice has come to both channels, each once.
    const ids = (await ledger.outbox.list()).map(({ id }) => id).sort();
    expect([...hook.calls, ...back.calls].map(({ key }) => key).sort()).toEqual(ids);
    const mails = mail.arrived.map((arrived) => arrived.mail.messageId ?? '').sort();
    expect(mails).toEqual(ids.map((id) => `<${id}@example.org>`));
    expect((await ledger.alerts.alerts()).map(({ cause, state }) => `${cause} ${state}`).sort()).toEqual([
      'a resolved',
      'b escalated',
      'c open',
      'd open',
      'e resolved',
      'g resolved',
      'h open',
    ]);
    await desk.service.stop();
    await alerter.stop();
  },
  180_000,
);

interface Desk extends AsyncDisposable {
  readonly url: string;
  readonly service: ServiceProcess;
}

/** The console as it is deployed, on the same servers, with somebody who may log in. */
async function startConsole(env: Environment, ledger: Ledger, port: number): Promise<Desk> {
  await ledger.people.add(
    { name: OPERATOR, role: 'operator', tenant: null, disabled: false, createdMs: Date.now() },
    await hashPassword(PASSWORD),
  );
  const { DAVYLAMP_HEALTH_PORT: _, ...own } = env;
  const service = new ServiceProcess('console', { ...own, DAVYLAMP_CONSOLE_PORT: String(port) }).start();
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => (await fetch(`${url}/api/openapi.json`).catch(() => null))?.ok === true;
  await eventually('the console', answers, (it) => it, 30_000, 100);
  return { url, service, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

/** From the queue, where the alert appears by itself, to the history that says who did it. */
async function acknowledge({ page }: Seat, id: string): Promise<void> {
  await page.locator(`.queue-row a[href="/alerts/${id}"]`).click();
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason, if you like').fill('Called the tenant.');
  await dialog.getByRole('button', { name: 'Acknowledge' }).click();
  await page.getByRole('region', { name: 'History' }).getByText(`${OPERATOR} acknowledged it`).waitFor();
}
