#!/usr/bin/env node
import process from 'node:process';
import { ConfigError, DavylampError } from '#libs/runtime/errors.ts';
import { createProgram } from './program.ts';

/** sysexits.h, EX_CONFIG. */
const EX_CONFIG = 78;

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof DavylampError)) throw error;
  process.stderr.write(`davylamp: ${error.message}\n`);
  process.exitCode = error instanceof ConfigError ? EX_CONFIG : 1;
}
