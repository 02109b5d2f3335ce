import { accessSync, constants } from 'node:fs';
import { z } from 'zod';
import type { Problem } from '#libs/runtime/config.ts';
import { consoleUrlSetting, filledText, wholeNumber } from '#libs/runtime/settings.ts';
import type { Channel } from '../channel.ts';
import { alertmanagerChannel, basesOf } from './alertmanager.ts';
import { addressesOf, mailChannel } from './mail.ts';
import { webhookChannel } from './webhook.ts';

const MAIL_URL = 'expected smtp://user:password@host:port or smtps://…, with nothing after the port';
const PEM_FILE = 'expected a readable PEM file';
const SECRET = 'expected at least 16 characters';

/** To spread into the schema of a service that tells people. */
export const channelSettings = {
  ...consoleUrlSetting,
  webhookUrl: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .optional()
    .meta({ description: 'Address that notices are posted to; unset: no webhook.', secret: true }),
  webhookSecret: z.string(SECRET).min(16, SECRET).optional().meta({
    description: 'Secret that signs notices, so that the receiver knows them; unset: unsigned.',
    secret: true,
  }),
  webhookTimeoutMs: wholeNumber(100, 60_000)
    .default(10_000)
    .describe('Milliseconds that the receiver may take to acknowledge.'),
  mailUrl: z.string(MAIL_URL).refine(isMailUrl, MAIL_URL).optional().meta({
    description:
      'Mail server, `smtp://user:password@host:587` (STARTTLS where it is offered, and always before a password leaves this machine) or `smtps://…:465`; unset: no mail.',
    secret: true,
  }),
  mailFrom: filledText().optional().describe('Sender of mails, `davylamp <davylamp@example.org>`.'),
  mailTo: filledText().optional().describe('Recipients of mails, separated by commas.'),
  mailCaFile: filledText(PEM_FILE)
    .optional()
    .describe("PEM file of the mail server's authority; unset: the system's authorities count."),
  mailTimeoutMs: wholeNumber(100, 600_000)
    .default(30_000)
    .describe('Milliseconds that the mail server may take for each answer.'),
  alertmanagerUrl: filledText().optional().meta({
    description:
      'Addresses of Alertmanagers, `http://host:9093`, separated by commas; each is told; unset: none.',
    secret: true,
  }),
  alertmanagerTimeoutMs: wholeNumber(100, 60_000)
    .default(10_000)
    .describe('Milliseconds that an Alertmanager may take for an answer.'),
};

export type ChannelSettings = z.infer<z.ZodObject<typeof channelSettings>>;

/** The channels that are set, `webhook`, `mail`, `alertmanager`; none: nobody is told. */
export function openChannels(settings: ChannelSettings): readonly Channel[] {
  const { webhookUrl, mailUrl, mailFrom, mailTo, alertmanagerUrl } = settings;
  return [
    webhookUrl && webhookChannel({ ...settings, webhookUrl }),
    mailUrl && mailFrom && mailTo && mailChannel({ ...settings, mailUrl, mailFrom, mailTo }),
    alertmanagerUrl && alertmanagerChannel({ ...settings, alertmanagerUrl }),
  ].filter((channel) => typeof channel === 'object');
}

/** What does not fit together. */
export function channelProblems(settings: ChannelSettings): readonly Problem[] {
  return [...mailProblems(settings), ...alertmanagerProblems(settings)];
}

function mailProblems({ mailUrl, mailFrom, mailTo, mailCaFile }: ChannelSettings): Problem[] {
  const given = [mailUrl, mailFrom, mailTo, mailCaFile].some((setting) => setting !== undefined);
  if (!given) return [];
  const problems: Problem[] = [];
  const add = (key: string, message: string) => problems.push({ key, message });
  if (!mailUrl) add('mailUrl', 'expected a mail server, because another setting of mail is there');
  if (!mailFrom || addressesOf(mailFrom).length !== 1 || wrongOf(mailFrom).length > 0)
    add('mailFrom', 'expected the one address that mails come from, name@host');
  if (!mailTo) add('mailTo', 'expected the addresses that mails go to, separated by commas');
  else if (wrongOf(mailTo).length > 0)
    add('mailTo', `expected addresses, name@host; not so ${wrongOf(mailTo).map(quoted).join(', ')}`);
  if (mailCaFile && !isReadable(mailCaFile)) add('mailCaFile', PEM_FILE);
  return problems;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false; // absent and forbidden alike cannot be read
  }
}

function alertmanagerProblems({ alertmanagerUrl }: ChannelSettings): Problem[] {
  if (alertmanagerUrl === undefined) return [];
  const bases = basesOf(alertmanagerUrl);
  // By their place: an address may hold a password.
  const wrong = bases.flatMap((base, index) => (isHttpUrl(base) ? [] : [`number ${index + 1}`]));
  if (bases.length > 0 && wrong.length === 0) return [];
  const which = wrong.length > 0 ? `; not so ${wrong.join(', ')} of ${bases.length}` : '';
  return [
    { key: 'alertmanagerUrl', message: `expected http or https addresses, separated by commas${which}` },
  ];
}

const quoted = (text: string): string => JSON.stringify(text);

function wrongOf(list: string): readonly string[] {
  const addresses = addressesOf(list);
  return addresses.length === 0
    ? [list]
    : addresses.filter((address) => !/^[^\s@<>]+@[^\s@<>]+$/.test(address));
}

function isHttpUrl(address: string): boolean {
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '');
}

function isMailUrl(address: string): boolean {
  const url = URL.parse(address);
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return false;
  const isBare = url.search === '' && url.hash === '' && /^\/?$/.test(url.pathname);
  return isBare && isDecodable(url.username) && isDecodable(url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // a % that begins no UTF-8
  }
}
