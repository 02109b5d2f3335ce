import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '#libs/runtime/config.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { channelProblems, channelSettings, openChannels } from '#services/alerter/channels/open.ts';

const load = (env: Record<string, string>) => loadConfig(z.object(channelSettings), { env }, channelProblems);
const MAIL = {
  DAVYLAMP_MAIL_URL: 'smtp://lamp:p%40ss@mail.example.org:587',
  DAVYLAMP_MAIL_FROM: 'davylamp <davylamp@example.org>',
  DAVYLAMP_MAIL_TO: 'Night shift <night@example.org>, day@example.org',
};

function problems(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

test('opens no channel when nothing is set', () => {
  expect(openChannels(load({}))).toEqual([]);
});

test('opens a channel for each receiver that is set, and shows no secret of any', () => {
  const settings = load({
    ...MAIL,
    DAVYLAMP_WEBHOOK_URL: 'https://hooks.example.org/x?token=p@ss',
    DAVYLAMP_ALERTMANAGER_URL: 'http://lamp:p%40ss@am-1.example.org:9093/, https://am-2.example.org/am',
  });
  expect(openChannels(settings).map(({ name, target }) => [name, target])).toEqual([
    ['webhook', 'hooks.example.org'],
    ['mail', 'night@example.org, day@example.org by mail.example.org:587'],
    ['alertmanager', 'am-1.example.org:9093, am-2.example.org'],
  ]);
});

test('names every problem at once, and no secret', () => {
  const message = problems({
    DAVYLAMP_CONSOLE_URL: 'console',
    DAVYLAMP_WEBHOOK_URL: 'ftp://hooks',
    DAVYLAMP_WEBHOOK_SECRET: 'short',
    DAVYLAMP_MAIL_URL: 'http://lamp:p%40ss@mail',
    DAVYLAMP_MAIL_FROM: 'davylamp',
    DAVYLAMP_MAIL_TO: 'night@example.org, day, late@',
    DAVYLAMP_MAIL_CA_FILE: '/nowhere/ca.pem',
    DAVYLAMP_ALERTMANAGER_URL: 'http://lamp:p%40ss@am, am-2:9093',
  });
  expect(message).toMatch(/8 problem/);
  expect(message).toMatch(/mailTo: .*not so "day", "late@", got/);
  expect(message).toMatch(/alertmanagerUrl: .*not so number 2 of 2, got a secret/);
  for (const key of ['CONSOLE_URL', 'WEBHOOK_URL', 'WEBHOOK_SECRET', 'MAIL_URL', 'MAIL_FROM', 'MAIL_CA_FILE'])
    expect(message).toContain(`(env DAVYLAMP_${key})`);
  expect(message).not.toContain('p%40ss');
});

test.each([
  ['smtp://mail.example.org', true],
  ['smtps://lamp:secret@[::1]:465/', true],
  ['smtp://mail.example.org?tls.rejectUnauthorized=false', false],
  ['smtp://mail.example.org/path', false],
  ['smtp://lamp:100%@mail.example.org', false],
  ['smtp://lamp:%ff@mail.example.org', false],
  ['smtp:', false],
  ['mail.example.org:25', false],
])('takes %s for a mail server: %s', (url, isGood) => {
  expect(problems({ ...MAIL, DAVYLAMP_MAIL_URL: url }) === '').toBe(isGood);
});

test('mail needs a server, a sender and recipients', () => {
  for (const missing of Object.keys(MAIL)) {
    const rest = Object.entries(MAIL).filter(([key]) => key !== missing);
    const message = problems(Object.fromEntries(rest));
    expect(message).toMatch(/1 problem/);
    expect(message).toContain(missing);
  }
});

test('mail has one sender', () => {
  expect(problems({ ...MAIL, DAVYLAMP_MAIL_FROM: 'a@example.org, b@example.org' })).toMatch(/mailFrom/);
});
