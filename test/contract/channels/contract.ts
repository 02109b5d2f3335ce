import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Channel } from '#services/alerter/channel.ts';
import { type FlakyProxy, startFlakyProxy } from '#test/support/flaky-proxy.ts';
import { aNotice } from '../../unit/alerter/channels/samples.ts';

/** A channel and what its receiver, a real server, has of it. */
export interface ChannelWorld {
  /** Where the receiver listens. */
  readonly port: number;
  /** With a password in its settings, if it has one, that is `p@ss/word`. @param port that it reaches its receiver by. */
  channel(port: number, timeoutMs: number): Channel;
  /** A channel whose receiver answers, and says no. */
  refused(): Channel;
  /** What the receiver can tell apart: repeats of one notice count once. */
  distinct(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

const SECRETS = /p@ss|p%40ss/;

/** What every channel does, on its real receiver behind a proxy that can fail. */
export function channelContract(name: string, open: () => Promise<ChannelWorld>): void {
  let world: ChannelWorld;
  let proxy: FlakyProxy;
  beforeEach(async () => {
    world = await open();
    proxy = await startFlakyProxy({ host: '127.0.0.1', port: world.port });
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  async function failure(channel: Channel): Promise<Error> {
    const error = await channel.deliver(aNotice()).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DeliveryError);
    return error as DeliveryError;
  }

  test('names itself, and says where it leads without secrets', () => {
    const channel = world.channel(proxy.port, 5_000);
    expect(channel.name).toBe(name);
    expect(channel.target).toContain('127.0.0.1');
    expect(channel.target).not.toMatch(SECRETS);
  });

  test('delivers a notice, and the same again as the same', async () => {
    const channel = world.channel(proxy.port, 5_000);
    await channel.deliver(aNotice());
    await channel.deliver(aNotice());
    expect(await world.distinct()).toBe(1);
  });

  test('says that a receiver refused, without secrets', async () => {
    const { message } = await failure(world.refused());
    expect(message).toMatch(/^127\.0\.0\.1:\d+: .*(404|550)/);
    expect(message).not.toMatch(SECRETS);
  });

  test('says that a receiver is away, and delivers when it is back', async () => {
    const channel = world.channel(proxy.port, 5_000);
    proxy.mode = 'reset';
    const { message } = await failure(channel);
    expect(message).toMatch(new RegExp(`^127\\.0\\.0\\.1:${proxy.port}: .*(ECONNRESET|socket|closed)`));
    expect(message).not.toMatch(SECRETS);
    proxy.mode = 'pass';
    await channel.deliver(aNotice());
    expect(await world.distinct()).toBe(1);
  });

  test('gives up on a receiver that says nothing in the time set', async () => {
    proxy.mode = 'stall';
    const beganMs = performance.now();
    const { message } = await failure(world.channel(proxy.port, 200));
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    expect(message).toMatch(/within 200 ms/);
  });
}
