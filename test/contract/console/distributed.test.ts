import { expect, test } from 'vitest';
import { deadLetter } from '#libs/bus/dead-letter.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { OverviewView } from '#services/console/api/contract/fleet.ts';
import type { DossierView, SeriesReply } from '#services/console/api/contract/node.ts';
import type { QualityView } from '#services/console/api/contract/quality.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { distributedWorld, testServers } from '#test/support/world.ts';
import { aFinding, aNode, anAssessment, assessmentMessage, findingMessage, Visitor } from './world.ts';

const MINUTE_MS = 60_000;
const T0 = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;

describeServer('DAVYLAMP_TEST_KAFKA', 'the console on Kafka, InfluxDB and PostgreSQL', () => {
  test('shows its first password once, and answers from all of them', { timeout: 90_000 }, async () => {
    const servers = testServers();
    if (!servers)
      throw new Error('expected InfluxDB, PostgreSQL and Redis beside Kafka: npm run servers -- up');
    const [port = 0] = await freePorts(1);
    await using world = await distributedWorld(servers, { DAVYLAMP_CONSOLE_PORT: String(port) });
    const { bus, ledger, series } = world;
    await bus.ensure(Object.values(TOPICS));
    await ledger.nodes.see(aNode('n1'));
    await ledger.assessments.keep([anAssessment({ windowEndMs: T0 })]);
    await ledger.custody.account([{ node: 'n1', boot: 'b', fate: 'stored', from: 1, to: 3 }]);
    const fields = ['cpu_utilization_ratio'];
    await series.write([
      { measurement: 'frame', node: 'n1', entity: 'host', timeMs: T0 - 5_000, fields, values: [0.25] },
    ]);
    const service = new ServiceProcess('console', world.env).start();
    await using stack = new AsyncDisposableStack();
    stack.use(service);
    const printed = async () => /admin with the password ([\w-]{24})/.exec(service.output)?.[1] ?? '';
    const password = await eventually('the password', printed, (text) => text !== '', 40_000);
    const visitor = new Visitor(`http://127.0.0.1:${port}`);
    expect((await visitor.login('admin', password)).status).toBe(204);

    await bus.publish([
      assessmentMessage(anAssessment({ windowEndMs: T0 + MINUTE_MS, conformity: 'deviates' })),
      findingMessage(aFinding()),
      ...['first', 'second'].map((reason) =>
        deadLetter(
          { topic: 'frames', partition: 0 },
          { key: 'n1', value: Uint8Array.of(1), headers: {}, offset: 1, receivedMs: 1 },
          reason,
          'writer',
        ),
      ),
    ]);
    const overview = () => visitor.get<OverviewView>('/api/overview');
    const seen = await eventually(
      'the tail',
      overview,
      ({ body }) => body.conformities.deviates === 1 && body.findings.deviation === 1,
      40_000,
    );
    expect(seen.body).toMatchObject({ nodes: 1, timeMs: T0 + MINUTE_MS });
    const dossier = (await visitor.get<DossierView>('/api/nodes/n1')).body;
    expect(dossier).toMatchObject({
      assessment: { windowEndMs: T0 + MINUTE_MS },
      history: [{ windowEndMs: T0 }],
      entities: [{ name: 'host', metrics: fields }],
    });
    const query = `entity=host&fields=${fields.join()}&fromMs=${T0 - MINUTE_MS}&toMs=${T0}`;
    const points = (await visitor.get<SeriesReply>(`/api/nodes/n1/series?${query}`)).body;
    expect(points).toEqual({ detail: 'frame', fields, timesMs: [T0 - 5_000], values: [[0.25]] });
    const quality = (await visitor.get<QualityView>('/api/quality')).body;
    expect(quality).toMatchObject({ totals: { sent: 3, stored: 3 }, dead: [{ node: 'n1' }, { node: 'n1' }] });

    await service.stop();
    expect(service.output.match(/with the password/g)).toHaveLength(1);
    service.start();
    const again = async () => (await visitor.get('/api/session').catch(() => ({ status: 0 }))).status;
    await eventually('the second start', again, (status) => status === 200, 40_000);
    expect(service.output.match(/with the password/g)).toHaveLength(1);
    expect((await overview()).body.timeMs).toBeGreaterThanOrEqual(T0);
  });
});
