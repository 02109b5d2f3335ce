import { readFileSync } from 'node:fs';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import type { Channel } from '../channel.ts';
import { digestId, digestLetter } from './digest-letter.ts';
import { FanOut, type Refusal } from './fan-out.ts';
import type { Letter } from './letter.ts';
import { letterHtml } from './letter-html.ts';
import { letterText } from './letter-text.ts';
import { mailFailure, refusalsOf } from './mail-failure.ts';
import { letterOf } from './notice-letter.ts';

export interface MailSettings {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  readonly mailUrl: string;
  readonly mailFrom: string;
  /** Addresses, separated by commas. */
  readonly mailTo: string;
  readonly mailTimeoutMs: number;
  /** PEM file of the authority of the mail server. */
  readonly mailCaFile?: string | undefined;
  readonly consoleUrl?: string | undefined;
}

/** What tells one mail from another, whatever happens on its way. */
interface Identity {
  readonly id: string;
  /** What mails of one thread share. */
  readonly thread: string;
  readonly date: Date;
}

/**
 * Sends notices by SMTP, to all recipients in one mail, and to those alone again who did not take it.
 *
 * The Message-ID follows from the notice's id: whoever gets a mail twice can tell. All mails of an alert refer to one
 * Message-ID that was never sent, which makes them one thread whichever comes first.
 */
export function mailChannel(settings: MailSettings): Channel {
  const { mailFrom, mailTo, consoleUrl } = settings;
  const { host } = new URL(settings.mailUrl);
  const transport = createTransport(transportOf(settings));
  const [sender = ''] = addressesOf(mailFrom);
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const fanOut = new FanOut(addressesOf(mailTo));

  async function send(mail: SendMailOptions, to: readonly string[]): Promise<readonly Refusal[]> {
    const envelope = { from: sender, to: [...to] };
    try {
      const { rejectedErrors = [] } = await transport.sendMail({ ...mail, envelope });
      return refusalsOf(host, rejectedErrors);
    } catch (error) {
      const refusals = refusalsOf(host, (error as NodemailerError).rejectedErrors ?? []);
      if (refusals.length === 0) throw mailFailure(host, error, settings.mailTimeoutMs);
      return refusals;
    }
  }

  function post(letter: Letter, { id, thread, date }: Identity): Promise<void> {
    const references = `<${thread}@${domain}>`;
    const mail: SendMailOptions = {
      ...{ from: mailFrom, to: mailTo, subject: letter.subject, date },
      ...{ text: letterText(letter), html: letterHtml(letter) },
      ...{ messageId: `<${id}@${domain}>`, inReplyTo: references, references },
      // Answering machines answer neither.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    return fanOut.deliver(id, (to) => send(mail, to));
  }

  return {
    name: 'mail',
    target: `${addressesOf(mailTo).join(', ')} by ${host}`,
    deliver: (notice) =>
      post(letterOf(notice, consoleUrl), {
        ...{ id: notice.id, thread: notice.alert, date: new Date(notice.createdMs) },
      }),
    digest: (digest) => post(digestLetter(digest, consoleUrl), digestId(digest)),
  };
}

/** Bare addresses of a list like `Night shift <night@example.org>, day@example.org`; what is none, as it stands. */
export function addressesOf(list: string): readonly string[] {
  return addressparser(list, { flatten: true }).map(({ address, name }) => address || name);
}

function transportOf({ mailUrl, mailTimeoutMs, mailCaFile }: MailSettings) {
  const url = new URL(mailUrl);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  const hasPassword = url.username !== '';
  const auth = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    host,
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    // A server that offers no STARTTLS, or somebody between who hides the offer, must not get the password.
    requireTLS: !secure && hasPassword && !isLoopback(host),
    ...(hasPassword ? { auth } : {}),
    ...(mailCaFile ? { tls: { ca: readFileSync(mailCaFile) } } : {}),
    connectionTimeout: mailTimeoutMs,
    greetingTimeout: mailTimeoutMs,
    socketTimeout: mailTimeoutMs,
    dnsTimeout: mailTimeoutMs,
  };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);
