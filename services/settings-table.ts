/** Writes the table of all settings into README.md, and their names for the runtime, from the schemas: `npm run settings`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { envName } from '#libs/runtime/env-name.ts';
import { rangeText } from '#libs/runtime/settings.ts';
import { agentConfig } from './agent/config.ts';
import { alerterConfig } from './alerter/config.ts';
import { consoleConfig } from './console/config.ts';
import { detectorConfig } from './detector/config.ts';
import { gatewayConfig } from './gateway/config.ts';
import { markdownTable } from './markdown-table.ts';
import { writerConfig } from './writer/config.ts';

/** The schema of each service that runs by itself. */
export const SERVICE_SCHEMAS = {
  agent: agentConfig,
  gateway: gatewayConfig,
  writer: writerConfig,
  detector: detectorConfig,
  alerter: alerterConfig,
  console: consoleConfig,
};

const HEAD = ['variable', 'default', 'allowed', 'meaning', 'read by'];
const README = join(import.meta.dirname, 'README.md');
const NAMES = join(import.meta.dirname, '../libs/runtime/setting-names.ts');
const TABLE = /(?<=<!-- settings -->\n\n)[\s\S]*(?=\n\n<!-- \/settings -->)/;

const NAME_LIST = /(?<=new Set\(\[\n)[\s\S]*(?=\]\))/;

/** What zod tells of a setting as JSON Schema. */
interface Field {
  readonly description?: string;
  readonly default?: string | number;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly secret?: boolean;
}

/** The README with its table made anew. */
export function documentSettings(readme: string): string {
  return readme.replace(TABLE, () => settingsTable());
}

/** The list of names made anew. */
export function listSettings(source: string): string {
  const names = [...settings().keys()].sort();
  return source.replace(NAME_LIST, () => names.map((name) => `  '${name}',\n`).join(''));
}

function settingsTable(): string {
  const rows = [...settings()].map(([key, { field, services }]) => [
    `\`${envName(key)}\``,
    defaultText(field),
    allowedText(field),
    `${field.description ?? ''}${field.secret ? ' Secret.' : ''}`,
    services.length === Object.keys(SERVICE_SCHEMAS).length ? 'all' : services.join(', '),
  ]);
  return markdownTable([HEAD, ...rows]);
}

/** Every setting with the services that read it, in the order of their schemas. */
function settings(): ReadonlyMap<string, { field: Field; services: string[] }> {
  const found = new Map<string, { field: Field; services: string[] }>();
  for (const [service, schema] of Object.entries(SERVICE_SCHEMAS)) {
    const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
    for (const [key, field] of Object.entries(properties)) {
      const services = [...(found.get(key)?.services ?? []), service];
      found.set(key, { field: field as Field, services });
    }
  }
  return found;
}

function defaultText(field: Field): string {
  if (field.default === undefined) return '';
  return field.default === '' ? 'empty' : `\`${field.default}\``;
}

function allowedText({
  enum: words,
  minimum,
  maximum = Number.MAX_SAFE_INTEGER,
  type,
  format,
}: Field): string {
  if (words) return words.map((word) => `\`${word}\``).join(', ');
  if (minimum === undefined) return format === 'uri' ? 'address' : 'text';
  return `${type === 'integer' ? '' : 'decimal, '}${rangeText(minimum, maximum)}`;
}

if (import.meta.main) {
  writeFileSync(README, documentSettings(readFileSync(README, 'utf8')));
  writeFileSync(NAMES, listSettings(readFileSync(NAMES, 'utf8')));
}
