import type { NodemailerError } from 'nodemailer';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Refusal } from './fan-out.ts';

/** A recipient refused for good may be a slip of the server once. */
const PERMANENT_PATIENCE = 2;
/** With waits that double from a second up to ten minutes: more than an hour, and longer than greylisting lasts. */
const TEMPORARY_PATIENCE = 16;

/** Recipients that the server did not take, of an error or of a mail that others got. */
export function refusalsOf(host: string, errors: readonly NodemailerError[]): readonly Refusal[] {
  return errors.flatMap(({ recipient, response = 'no reason was given', permanent = false }) => {
    if (recipient === undefined) return [];
    const reason = permanent
      ? `${host}: refused the recipient ${recipient}: ${response}; check mailTo`
      : `${host}: put off the recipient ${recipient}: ${response}; it is tried again`;
    return [{ receiver: recipient, reason, patience: permanent ? PERMANENT_PATIENCE : TEMPORARY_PATIENCE }];
  });
}

/** Why a mail was not sent, for the person who can mend it. The password is in no part of it. */
export function mailFailure(host: string, error: unknown, timeoutMs: number): DeliveryError {
  const cause = error instanceof Error ? (error as NodemailerError) : new Error(String(error));
  return new DeliveryError(`${host}: ${reasonOf(cause, timeoutMs)}`, { cause });
}

function reasonOf(error: NodemailerError, timeoutMs: number): string {
  const { code, command = '', response, message, permanent } = error;
  if (code === 'EAUTH')
    return `refused the login: ${response ?? message}; check the user and password of mailUrl`;
  if (code === 'ETLS' || isOfCertificate(error)) return tlsReason(message);
  if (command === 'MAIL FROM') return `refused the sender: ${response ?? message}; check mailFrom`;
  if (permanent === true) return `refused the mail: ${response}`;
  if (permanent === false) return `put off the mail: ${response}; it is tried again`;
  if (code === 'ETIMEDOUT')
    return `expected an answer within ${timeoutMs} ms; check that the mail server of mailUrl is up and not behind a firewall`;
  if (code === 'ECONNECTION')
    return `the connection ended before the mail was acknowledged: ${message}; it is sent again under the same Message-ID`;
  return `gives no answer: ${message}; check that the mail server of mailUrl is up and can be reached from here`;
}

function tlsReason(message: string): string {
  return `no encrypted connection: ${message}; expected TLS with a certificate of a known authority: see mailUrl and mailCaFile`;
}

const CERTIFICATE = /certificate|self.signed|CERT_|altname|wrong version number/i;

function isOfCertificate({ code, message, originalCode }: NodemailerError): boolean {
  return code === 'ESOCKET' && CERTIFICATE.test(`${message} ${originalCode ?? ''}`);
}
