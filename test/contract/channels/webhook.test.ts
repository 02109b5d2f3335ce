import { describe } from 'vitest';
import { webhookChannel } from '#services/alerter/channels/webhook.ts';
import { ScriptedReceiver } from '../../unit/alerter/world.ts';
import { type ChannelWorld, channelContract } from './contract.ts';

async function world(): Promise<ChannelWorld> {
  const receiver = await new ScriptedReceiver().open();
  const channel = (port: number, webhookTimeoutMs: number) =>
    webhookChannel({ webhookUrl: `http://lamp:p%40ss%2Fword@127.0.0.1:${port}/hook`, webhookTimeoutMs });
  return {
    port: receiver.port,
    channel,
    refused() {
      receiver.script.push((response) => response.writeHead(404).end());
      return channel(receiver.port, 5_000);
    },
    distinct: async () => new Set(receiver.calls.map(({ key }) => key)).size,
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

describe('the webhook', () => channelContract('webhook', world));
