import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '#libs/runtime/errors.ts';
import { type MailSettings, mailChannel } from '#services/alerter/channels/mail.ts';
import { type Certificate, openCertificate } from '#services/gateway/certificate.ts';
import { aDigest, aNotice, anAlert } from '../../unit/alerter/channels/samples.ts';
import { type ChannelWorld, channelContract } from './contract.ts';
import { MailServer, refusal } from './mail-server.ts';

const LOGIN = 'lamp:p%40ss%2Fword@';
const settingsOf = (given: Partial<MailSettings> & { mailUrl: string }): MailSettings => ({
  mailFrom: 'davylamp <davylamp@example.org>',
  mailTo: 'Night shift <night@example.org>, day@example.org',
  mailTimeoutMs: 5_000,
  ...given,
});

async function world(): Promise<ChannelWorld> {
  const server = await new MailServer().open();
  const channel = (port: number, mailTimeoutMs: number) =>
    mailChannel(settingsOf({ mailUrl: `smtp://${LOGIN}127.0.0.1:${port}`, mailTimeoutMs }));
  return {
    port: server.port,
    channel,
    refused() {
      server.answers.data.push(refusal(550, '5.7.1 not wanted here'));
      return channel(server.port, 5_000);
    },
    distinct: async () => new Set(server.arrived.map(({ mail }) => mail.messageId)).size,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe('mail', () => channelContract('mail', world));

describe('mail by SMTP', () => {
  let open = new AsyncDisposableStack();
  afterEach(async () => {
    await open.disposeAsync();
    open = new AsyncDisposableStack();
  });

  async function start(options: SMTPServerOptions = {}): Promise<MailServer> {
    return open.use(await new MailServer(options).open());
  }
  function channelTo(server: MailServer, given: Partial<MailSettings> = {}) {
    return mailChannel(settingsOf({ mailUrl: `smtp://127.0.0.1:${server.port}`, ...given }));
  }
  async function certificate(): Promise<Certificate & { readonly file: string }> {
    const folder = await mkdtemp(join(tmpdir(), 'davylamp-mail-'));
    open.defer(() => rm(folder, { recursive: true }));
    return { ...(await openCertificate(folder, ['127.0.0.1'])), file: join(folder, 'cert.pem') };
  }

  test('brings text and HTML to all recipients in one mail that no machine answers', async () => {
    const server = await start();
    await channelTo(server, { consoleUrl: 'https://lamp.example.org/' }).deliver(aNotice());
    expect(server.arrived).toHaveLength(1);
    const [{ mail, to }] = server.arrived as [(typeof server.arrived)[0]];
    expect(to).toEqual(['night@example.org', 'day@example.org']);
    expect(mail.subject).toBe('[davylamp] high: deviation on 16 nodes at OSL-1');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.from?.value).toEqual([{ name: 'davylamp', address: 'davylamp@example.org' }]);
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('below 20.0 %');
      expect(part).toContain('as checkpoints do');
      expect(part).toContain('whether the work is paid in tokens');
      expect(part).toContain('https://lamp.example.org/alerts/alert-5f0c');
    }
    expect(mail.attachments).toEqual([]);
  });

  test('makes no header of a name with line breaks', async () => {
    const server = await start();
    const summary = 'deviation on n1\r\nBcc: other@example.org\r\n\r\nHello at OSL-1';
    await channelTo(server).deliver(aNotice('opened', anAlert({ summary })));
    const [arrived] = server.arrived;
    expect(arrived?.to).toEqual(['night@example.org', 'day@example.org']);
    expect(arrived?.mail.headers.has('bcc')).toBe(false);
    expect(arrived?.mail.subject).toMatch(/^\[davylamp\] high: deviation on n1 +Bcc: /);
  });

  test('makes one thread of the notices of an alert, and another of the next alert', async () => {
    const server = await start();
    const channel = channelTo(server);
    await channel.deliver(aNotice('opened'));
    await channel.deliver(aNotice('resolved', anAlert({ state: 'resolved', resolvedMs: 1 })));
    await channel.deliver(aNotice('opened', anAlert({ id: 'alert-other' }), { id: 'notice-other' }));
    const mails = server.arrived.map(({ mail }) => mail);
    expect(mails.map(({ messageId }) => messageId)).toEqual([
      '<notice-opened@example.org>',
      '<notice-resolved@example.org>',
      '<notice-other@example.org>',
    ]);
    const threads = mails.map(({ references, inReplyTo }) => [references, inReplyTo].flat().join(' '));
    expect(threads[0]).toBe('<alert-5f0c@example.org> <alert-5f0c@example.org>');
    expect(threads[1]).toBe(threads[0]);
    expect(threads[2]).not.toBe(threads[0]);
  });

  test('logs in and encrypts by STARTTLS with the authority that it is told', async () => {
    const { key, cert, file } = await certificate();
    const server = await start({ key, cert, allowInsecureAuth: false });
    const mailUrl = `smtp://${LOGIN}127.0.0.1:${server.port}`;
    await channelTo(server, { mailUrl, mailCaFile: file }).deliver(aNotice());
    expect(server.arrived).toMatchObject([{ secure: true, user: 'lamp' }]);
  });

  test('speaks TLS from the start to an smtps address', async () => {
    const { key, cert, file } = await certificate();
    const server = await start({ key, cert, secure: true });
    const mailUrl = `smtps://${LOGIN}127.0.0.1:${server.port}`;
    await channelTo(server, { mailUrl, mailCaFile: file }).deliver(aNotice());
    expect(server.arrived).toMatchObject([{ secure: true, user: 'lamp' }]);
  });

  test('trusts no certificate of an unknown authority, and says what to set', async () => {
    const { key, cert } = await certificate();
    for (const secure of [true, false]) {
      const server = await start({ key, cert, secure });
      const mailUrl = `smtp${secure ? 's' : ''}://${LOGIN}127.0.0.1:${server.port}`;
      const sent = channelTo(server, { mailUrl }).deliver(aNotice());
      await expect(sent).rejects.toThrow(/certificate.*mailCaFile/);
      expect(server.arrived).toEqual([]);
    }
  });

  test('lets no password leave this machine in the clear', async () => {
    const passwords: unknown[] = [];
    const server = await start({
      onAuth: ({ password }, _session, callback) => {
        passwords.push(password);
        callback(null, { user: 'lamp' });
      },
    });
    // The one address of this machine that is not named as a loopback.
    const mailUrl = `smtp://${LOGIN}0.0.0.0:${server.port}`;
    await expect(channelTo(server, { mailUrl }).deliver(aNotice())).rejects.toThrow(/TLS/);
    expect(passwords).toEqual([]);
  });

  test('says that a login was refused, and shows no password', async () => {
    const server = await start();
    const mailUrl = `smtp://lamp:wrong%21secret@127.0.0.1:${server.port}`;
    const sent = channelTo(server, { mailUrl }).deliver(aNotice());
    const error = await sent.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(DeliveryError);
    expect(error?.message).toMatch(/refused the login: 535 .*check the user and password of mailUrl/);
    expect(error?.message).not.toContain('wrong');
  });

  test('says that the sender was refused', async () => {
    const server = await start();
    server.answers.sender.push(refusal(553, '5.7.1 sender not owned by user'));
    await expect(channelTo(server).deliver(aNotice())).rejects.toThrow(
      /refused the sender: 553 .*check mailFrom/,
    );
  });

  test('tries those again whom greylisting put off, and nobody else', async () => {
    const server = await start();
    server.answers.recipient.set('day@example.org', [refusal(451, '4.7.1 greylisted, try again in 300 s')]);
    const channel = channelTo(server);
    await expect(channel.deliver(aNotice())).rejects.toThrow(
      /put off the recipient day@example.org: 451 .*tried again.*1 of 2 have it/,
    );
    await channel.deliver(aNotice());
    expect(server.arrived.map(({ to }) => to)).toEqual([['night@example.org'], ['day@example.org']]);
    expect(new Set(server.arrived.map(({ mail }) => mail.messageId)).size).toBe(1);
  });

  test('says who is refused for good, and lets that hold up nobody else', async () => {
    const server = await start();
    const gone = refusal(550, '5.1.1 no such user');
    server.answers.recipient.set('day@example.org', [gone, gone, gone, gone]);
    const channel = channelTo(server);
    const reason = /refused the recipient day@example.org: 550 .*check mailTo/;
    await expect(channel.deliver(aNotice())).rejects.toThrow(reason);
    await channel.deliver(aNotice());
    await expect(channel.deliver(aNotice('resolved'))).rejects.toThrow(reason);
    await channel.deliver(aNotice('resolved'));
    expect(server.arrived.map(({ to }) => to)).toEqual([['night@example.org'], ['night@example.org']]);
  });

  test('goes on saying so when every recipient is refused', async () => {
    const server = await start();
    const gone = Array.from({ length: 4 }, () => refusal(550, '5.1.1 no such user'));
    server.answers.recipient.set('day@example.org', gone);
    const channel = channelTo(server, { mailTo: 'day@example.org' });
    for (let attempt = 0; attempt < 4; attempt++)
      await expect(channel.deliver(aNotice())).rejects.toThrow(/refused the recipient day@example.org: 550/);
  });

  test('sends a mail again under its Message-ID when the acknowledgement was lost', async () => {
    const server = await start();
    server.answers.data.push('cut');
    const channel = channelTo(server);
    await expect(channel.deliver(aNotice())).rejects.toThrow(/ended before the mail was acknowledged/);
    await channel.deliver(aNotice());
    const [first, second] = server.arrived.map(({ mail }) => mail);
    expect(second?.messageId).toBe(first?.messageId);
    expect([second?.date, second?.text, second?.html]).toEqual([first?.date, first?.text, first?.html]);
  });

  test('puts what a period brought into one mail', async () => {
    const server = await start();
    const channel = channelTo(server, { consoleUrl: 'https://lamp.example.org' });
    await channel.digest?.(aDigest());
    await channel.digest?.(aDigest());
    const [first, second] = server.arrived.map(({ mail }) => mail);
    expect(first?.subject).toBe('[davylamp] digest: 2 opened, 1 resolved, 2 open');
    expect(first?.text).toMatch(
      /Opened[\s\S]*high: deviation[\s\S]*Resolved[\s\S]*medium: blind[\s\S]*\(simulated\)[\s\S]*Still open[\s\S]*with kari[\s\S]*Deliveries that fail[\s\S]*webhook: hooks.example.org/,
    );
    expect(second?.messageId).toBe(first?.messageId);
  });
});
