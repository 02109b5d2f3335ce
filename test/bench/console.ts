import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import type { BoardView } from '#services/console/api/contract/fleet.ts';
import type { SeriesReply } from '#services/console/api/contract/node.ts';
import {
  aNode,
  anAssessment,
  assessmentMessage,
  type ConsoleWorld,
  openConsoleWorld,
  person,
  type Visitor,
} from '#test/contract/console/world.ts';
import { eventually } from '#test/support/eventually.ts';
import { random } from '#test/support/random.ts';

const NODES = 10_000;
const HOUR_MS = 3_600_000;
const FRAMES_A_DAY = 8_640;
const ROUNDS = 11;
/** The end of the newest hour. */
const NOW_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

/** What the console's budgets say: the first view of 10,000 nodes, and a node's chart of 24 hours at full detail. */
export async function benchConsole(): Promise<unknown> {
  await using world = await openConsoleWorld();
  const names = Array.from({ length: NODES }, (_, i) => `node-${String(i).padStart(5, '0')}`);
  const keepMs = await fillLedger(world, names);
  await fillSeries(world, names[0] ?? '');
  const startMs = performance.now();
  const app = await world.start();
  const started = performance.now() - startMs;
  const visitor = await person(world, app, 'viewer');
  const boards = [await board(visitor, app.url(), 'day')];
  for (const span of ['hour', 'day', 'week'] as const) {
    // A second later it is made anew.
    await new Promise((done) => setTimeout(done, 1_100));
    boards.push(await board(visitor, app.url(), span));
  }
  return {
    nodes: NODES,
    keptRows: NODES * KEPT_HOURS,
    keepOneMinuteOfChangesMs: Math.round(keepMs),
    startWithADayKeptMs: Math.round(started),
    /** The first view, then each span made anew. */
    boards,
    batchOfAMinuteMs: Math.round(await aMinute(world, visitor, names)),
    chart: await charts(visitor, names[0] ?? ''),
  };
}

const KEPT_HOURS = 25;

/** A day of hourly verdicts. @returns how long keeping one verdict of every node takes. */
async function fillLedger({ ledger }: ConsoleWorld, names: readonly string[]): Promise<number> {
  const next = random(1);
  for (const [i, node] of names.entries()) await ledger.nodes.see(aNode(node, { site: `hall-${i % 7}` }));
  const took = [];
  for (let hour = KEPT_HOURS; hour > 0; hour--) {
    const assessments = names.map((node) =>
      anAssessment({
        node,
        windowEndMs: NOW_MS - hour * HOUR_MS,
        conformity: next() < 0.02 ? 'deviates' : 'conforms',
        behaviours: next() < 0.5 ? { B1: 1 } : { B2: 1 },
      }),
    );
    const { ms } = await timed(() => ledger.assessments.keep(assessments));
    took.push(ms);
  }
  return median(took);
}

/** A day of frames of one node: a host and eight GPUs, every column. */
async function fillSeries({ series }: ConsoleWorld, node: string): Promise<void> {
  const next = random(2);
  const entities = ['host', ...Array.from({ length: 8 }, (_, index) => `gpu${index}`)];
  for (let frame = 0; frame < FRAMES_A_DAY; frame++) {
    const timeMs = NOW_MS - 24 * HOUR_MS + frame * 10_000;
    await series.write(
      entities.map((entity) => {
        const fields = FIELDS[entity === 'host' ? 'host' : 'gpu'];
        const values = fields.map(() => Math.fround(next()));
        return { measurement: 'frame', node, entity, timeMs, fields, values };
      }),
    );
  }
}

const FIELDS = {
  host: [...LAYOUTS.host.gauges, ...LAYOUTS.host.counters].map(({ name }) => name),
  gpu: [...LAYOUTS.gpu.gauges, ...LAYOUTS.gpu.counters].map(({ name }) => name),
};

/** From the request to the last byte on the wire; what it says is looked at afterwards. */
async function board({ cookie }: Visitor, url: string, span: string) {
  const { ms, result: bytes } = await timed(() => wire(`${url}/api/board?span=${span}`, cookie));
  const plain = gunzipSync(bytes);
  const { rows } = JSON.parse(plain.toString()) as BoardView;
  const shown = rows.filter(({ conformities }) => /\d/.test(conformities)).length;
  if (rows.length !== NODES || (span !== 'hour' && shown !== NODES)) {
    throw new Error(`${rows.length} rows, ${shown} with a verdict: expected ${NODES}`);
  }
  return { span, ms: Math.round(ms), kilobytes: kilo(bytes.length), plainKilobytes: kilo(plain.length) };
}

const kilo = (bytes: number): number => Math.round(bytes / 1_000);

/** The body as it comes: `fetch` would decompress it. */
function wire(url: string, cookie: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { cookie, 'accept-encoding': 'gzip' } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts)));
    });
    asked.on('error', reject).end();
  });
}

/** One assessment of every node at once, as every minute: until the board shows them. */
async function aMinute({ bus }: ConsoleWorld, visitor: Visitor, names: readonly string[]): Promise<number> {
  const windowEndMs = NOW_MS + 60_000;
  const messages = names.map((node) => assessmentMessage(anAssessment({ node, windowEndMs, site: node })));
  await bus.publish(messages);
  const beganMs = performance.now();
  await eventually(
    'the minute',
    () => visitor.get<{ timeMs: number; conformities: Record<string, number> }>('/api/overview'),
    ({ body }) => body.timeMs === windowEndMs && body.conformities.conforms === NODES,
    30_000,
    5,
  );
  return performance.now() - beganMs;
}

async function charts(visitor: Visitor, node: string) {
  const fields = ['gpu_power_watts', 'gpu_utilization_ratio', 'gpu_sm_active_ratio', 'gpu_memory_used_ratio'];
  const query = `entity=gpu3&fields=${fields.join()}&fromMs=${NOW_MS - 24 * HOUR_MS}&toMs=${NOW_MS}`;
  const took = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, result } = await timed(() => visitor.get<SeriesReply>(`/api/nodes/${node}/series?${query}`));
    const { detail, timesMs, values } = result.body;
    if (detail !== 'frame' || timesMs.length !== FRAMES_A_DAY || values.length !== fields.length) {
      throw new Error(`${detail}, ${timesMs.length} points: expected all frames of a day`);
    }
    took.push(ms);
  }
  return {
    points: FRAMES_A_DAY,
    fields: fields.length,
    firstMs: Math.round(took[0] ?? 0),
    medianMs: Math.round(median(took)),
    maxMs: Math.round(Math.max(...took)),
  };
}

async function timed<T>(act: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const beganMs = performance.now();
  const result = await act();
  return { ms: performance.now() - beganMs, result };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) console.dir(await benchConsole(), { depth: null });
