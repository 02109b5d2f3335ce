import { expect, test } from 'vitest';
import { loadConfig } from '#libs/runtime/config.ts';
import { consoleConfig } from '#services/console/config.ts';

const proxies = (text?: string) =>
  loadConfig(consoleConfig, {
    env: text === undefined ? {} : { DAVYLAMP_CONSOLE_TRUSTED_PROXIES: text },
  }).consoleTrustedProxies;

test('proxies are addresses and networks, and none by themselves', () => {
  expect(proxies()).toBeUndefined();
  expect(proxies('127.0.0.1')).toEqual(['127.0.0.1']);
  expect(proxies('10.0.0.0/8, fd00::/8,::1')).toEqual(['10.0.0.0/8', 'fd00::/8', '::1']);
});

test('a proxy is no name, no number of hops, and not everybody', () => {
  for (const wrong of ['', 'proxy.example', '1', 'true', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0.7,'])
    expect(() => proxies(wrong), wrong).toThrow(/consoleTrustedProxies: expected addresses or networks/);
});
