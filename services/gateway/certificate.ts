import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { ConfigError } from '#libs/runtime/errors.ts';

const YEARS_VALID = 10;
const FILE_MODE = 0o600;

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the certificate, upper-case hex with colons: what agents are told to expect. */
  readonly fingerprint: string;
}

/**
 * The gateway's certificate, from `<folder>/{key,cert}.pem`; on the first start a self-signed one is made there.
 * To use one of an authority, put it in the same place.
 * @param names host names and addresses it is to be valid for.
 * @throws ConfigError for files that cannot be read, or that are no certificate.
 */
export async function openCertificate(folder: string, names: readonly string[]): Promise<Certificate> {
  const keyPath = join(folder, 'key.pem');
  const certPath = join(folder, 'cert.pem');
  if (!existsSync(keyPath) || !existsSync(certPath)) await make(folder, keyPath, certPath, names);
  try {
    const cert = readFileSync(certPath, 'utf8');
    const key = readFileSync(keyPath, 'utf8');
    return { key, cert, fingerprint: new X509Certificate(cert).fingerprint256 };
  } catch (cause) {
    throw new ConfigError(`${folder}: expected the gateway's key.pem and cert.pem`, { cause });
  }
}

async function make(
  folder: string,
  keyPath: string,
  certPath: string,
  names: readonly string[],
): Promise<void> {
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS_VALID);
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'davylamp-gateway' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(alternativeName) },
    ],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(keyPath, made.private, { mode: FILE_MODE });
  writeFileSync(certPath, made.cert, { mode: FILE_MODE });
}

function alternativeName(name: string) {
  return isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name };
}
