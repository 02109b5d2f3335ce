import { TOPICS } from '#libs/model/topics.ts';
import { DavylampError } from '#libs/runtime/errors.ts';
import type { ToolPorts } from '../ports.ts';
import type { Check } from './machine.ts';

/** Asks each configured server for an answer. */
export async function checkServers(ports: ToolPorts): Promise<readonly Check[]> {
  const { settings } = ports;
  return await Promise.all([
    checkPort(`bus (${settings.bus})`, 'DAVYLAMP_KAFKA_BROKERS', async () => {
      await (await ports.bus()).offsets(TOPICS.frames.name);
    }),
    checkPort(`series (${settings.series})`, 'DAVYLAMP_INFLUX_URL', async () =>
      (await ports.series()).check(),
    ),
    checkPort(`ledger (${settings.ledger})`, 'DAVYLAMP_POSTGRES_URL', async () => {
      await (await ports.ledger()).check();
    }),
  ]);
}

async function checkPort(name: string, setting: string, ask: () => Promise<unknown>): Promise<Check> {
  try {
    await ask();
    return { name, state: 'ok', detail: 'answers', advice: '' };
  } catch (error) {
    if (!(error instanceof DavylampError)) throw error;
    const advice = error.retryable
      ? `start the server, or correct ${setting}`
      : `correct ${setting} and its credentials`;
    return { name, state: 'fail', detail: error.message, advice };
  }
}
