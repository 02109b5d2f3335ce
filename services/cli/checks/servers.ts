import { TOPICS } from '#libs/model/topics.ts';
import { DavylampError } from '#libs/runtime/errors.ts';
import { isPresent, type Store, type ToolPorts } from '../ports.ts';
import { type Check, FIRST_START } from './machine.ts';

/** Where each port's server is named. */
const ADDRESS = {
  bus: 'DAVYLAMP_KAFKA_BROKERS',
  series: 'DAVYLAMP_INFLUX_URL',
  ledger: 'DAVYLAMP_POSTGRES_URL',
} as const satisfies Readonly<Record<Store, string>>;

/** Asks each configured server for an answer, and opens what is embedded. */
export async function checkServers(ports: ToolPorts): Promise<readonly Check[]> {
  return await Promise.all([
    checkPort(ports, 'bus', async () => {
      await (await ports.bus()).offsets(TOPICS.frames.name);
    }),
    checkPort(ports, 'series', async () => (await ports.series()).check()),
    checkPort(ports, 'ledger', async () => {
      await (await ports.ledger()).check();
    }),
  ]);
}

async function checkPort({ settings }: ToolPorts, store: Store, ask: () => Promise<unknown>): Promise<Check> {
  const name = `${store} (${settings[store]})`;
  if (!isPresent(settings, store)) {
    return { name, state: 'warn', detail: `${settings.dataDir}: no ${store} here`, advice: FIRST_START };
  }
  try {
    await ask();
    return { name, state: 'ok', detail: 'answers', advice: '' };
  } catch (error) {
    if (!(error instanceof DavylampError)) throw error;
    return { name, state: 'fail', detail: error.message, advice: adviceOn(settings[store], store, error) };
  }
}

function adviceOn(kind: string, store: Store, { retryable }: DavylampError): string {
  if (kind === 'embedded') return 'make it readable and writable, or set DAVYLAMP_DATA_DIR';
  return retryable
    ? `start the server, or correct ${ADDRESS[store]}`
    : `correct ${ADDRESS[store]} and its credentials`;
}
