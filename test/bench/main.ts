/**
 * `npm run bench [-- NAME…] [-- --json FILE]`: measures the parts against the budgets, as ratios to baselines of the
 * same run. Servers that are missing are started as for the tests; a part that cannot run says why.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { testServers } from '#test/support/world.ts';
import { benchAgent } from './agent.ts';
import { benchBus } from './bus.ts';
import { benchCodec } from './codec.ts';
import { benchConsole } from './console.ts';
import { benchDetector } from './detector.ts';
import { benchDetectorFromKafka } from './detector-kafka.ts';
import { benchEndToEnd } from './end-to-end.ts';
import { benchLoad } from './load.ts';
import { withServers } from './servers.ts';
import { benchWriter } from './writer.ts';

const NO_SERVERS = { skipped: 'expected Kafka, InfluxDB, PostgreSQL and Redis: npm run servers -- up' };

/** In this order: what is alone on the machine first. */
const PARTS: Readonly<Record<string, () => Promise<unknown>>> = {
  codec: benchCodec,
  load: benchLoad,
  detector: async () => {
    const brokers = process.env.DAVYLAMP_TEST_KAFKA;
    return {
      ...(await benchDetector()),
      fromKafka: brokers ? await benchDetectorFromKafka(brokers) : NO_SERVERS,
    };
  },
  agent: benchAgent,
  bus: async () =>
    process.env.DAVYLAMP_TEST_KAFKA ? await benchBus(process.env.DAVYLAMP_TEST_KAFKA) : NO_SERVERS,
  writer: benchWriter,
  console: benchConsole,
  endToEnd: async () => {
    const servers = testServers();
    return servers ? await benchEndToEnd(servers) : NO_SERVERS;
  },
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: expected ${Object.keys(PARTS).join(', ')}`);
  process.exit(64);
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  node: process.version,
  at: new Date().toISOString(),
};
console.log(machine);

const parts: Record<string, unknown> = {};
await withServers(async () => {
  for (const [name, bench] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.log(`\n${name} …`);
    parts[name] = await bench();
    console.log(parts[name]);
  }
});
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ machine, parts }, null, 2)}\n`);
