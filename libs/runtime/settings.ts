import { z } from 'zod';

/** Written in digits. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const expected = `expected a whole number, ${rangeText(min, max)}`;
  return z.coerce.number(expected).int(expected).min(min, expected).max(max, expected);
}

/** Written in digits, with a point before the fraction. */
export function decimalNumber(min: number, max: number) {
  const expected = `expected a number, ${rangeText(min, max)}`;
  return z.coerce.number(expected).min(min, expected).max(max, expected);
}

/** One word of a closed set. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `expected one of ${words.join(', ')}`);
}

/** Any text but the empty one. */
export function filledText(expected = 'expected a text that is not empty') {
  return z.string(expected).min(1, expected);
}

/** `1..1024`, or `1 or more`. */
export function rangeText(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min}..${max}`;
}

/** Shared by all ports that keep files; to spread into their settings. */
export const dataDirSetting = {
  dataDir: filledText('expected a folder')
    .default('./data')
    .describe('Folder of the embedded databases and of the certificate of the gateway.'),
};

/** Of the console, and of whoever links to it; to spread into their settings. */
export const consoleUrlSetting = {
  consoleUrl: z
    .url({ protocol: /^https?$/, error: 'expected http://host:port or https://host:port' })
    .optional()
    .describe(
      'Address of the console as people see it, e.g. behind a proxy: links in notices begin with it, and with https the cookie of the console goes over https alone; unset: no links.',
    ),
};

/** Of every service; to spread into its schema. */
export const serviceSettings = {
  healthPort: wholeNumber(0, 65_535)
    .optional()
    .describe('Port of `/healthz` and `/metrics`; 0: any free one; unset: none.'),
  logLevel: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level that is logged.'),
};
