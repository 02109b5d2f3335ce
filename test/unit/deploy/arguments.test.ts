import { expect, test } from 'vitest';
import { parseCommand } from '#deploy/servers/arguments.ts';

const known = ['kafka', 'redis', 'postgresql'];

const parse = (line: string) => parseCommand(line.split(' ').filter(Boolean), known);

test.each([
  ['up', { verb: 'up', names: known, isExplicit: false, asJson: false }], // no name means all
  ['up redis kafka', { verb: 'up', names: ['kafka', 'redis'], isExplicit: true, asJson: false }], // in the order of the registry
  ['down postgresql', { verb: 'down', names: ['postgresql'], isExplicit: true, asJson: false }],
  ['status --json', { verb: 'status', names: known, isExplicit: false, asJson: true }],
  ['env', { verb: 'env', names: known, isExplicit: false, asJson: false }],
])('reads "%s"', (line, expected) => {
  expect(parse(line)).toEqual(expected);
});

test.each([
  ['', 'expected one of up, down, status, env, got nothing'],
  ['start', 'expected one of up, down, status, env, got start'],
  ['up kafka oracle', 'no server oracle: known are kafka, redis, postgresql'],
  ['up --force', "Unknown option '--force'"],
])('refuses "%s"', (line, message) => {
  expect(() => parse(line)).toThrow(message);
});
