import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../../deploy/systemd');
const ROOT = join(import.meta.dirname, '../../..');
const UNITS = readdirSync(SOURCE).filter((name) => name.endsWith('.service'));
/** Of 100: how exposed systemd thinks a unit is. Node's compiler and, for agents, devices cost most of it. */
const EXPOSURE = 25;

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const MISSING = 'systemd-analyze is not installed';
const folder = mkdtempSync(join(tmpdir(), 'davylamp-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The unit as it is, but for programs that stand elsewhere on this machine. */
function placed(name: string): string {
  const path = join(folder, name.replace('@.', '@writer.'));
  const text = readFileSync(join(SOURCE, name), 'utf8');
  writeFileSync(
    path,
    text
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/opt/davylamp/', `${ROOT}/`)
      .replaceAll('WorkingDirectory=/opt/davylamp', `WorkingDirectory=${ROOT}`),
  );
  return path;
}

test.for(UNITS)('%s is a unit without a fault', (name, { skip }) => {
  skip(!hasAnalyze, MISSING);
  const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', '--man=no', placed(name)], {
    encoding: 'utf8',
  });
  const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('davylamp'));
  expect(about).toEqual([]);
  expect(status).toBe(0);
});

test.for(UNITS)('%s leaves little exposed', (name, { skip }) => {
  skip(!hasAnalyze, MISSING);
  const words = ['security', '--offline=yes', `--threshold=${EXPOSURE}`, placed(name)];
  expect(execFileSync('systemd-analyze', words, { encoding: 'utf8' })).toContain('Overall exposure level');
});

test('the pipeline’s units and the READMEs run a checkout with its own Node, not the system’s', () => {
  const places = [
    'README.md',
    '{services,libs,deploy,test}/**/README.md',
    'deploy/systemd/davylamp{,@}.service',
  ];
  const texts = globSync(places, { cwd: ROOT, exclude: ['**/node_modules/**'] }).map(
    (name) => [name, readFileSync(join(ROOT, name), 'utf8')] as const,
  );
  expect(texts.length).toBeGreaterThan(20);
  const commands = texts.flatMap(([name, text]) =>
    [...text.matchAll(/(\S+ )?(\S*\bnode) (\/opt\/davylamp\/)?services\/\S+\/main\.ts/g)].map(
      ([command]) => `${name}: ${command}`,
    ),
  );
  const own = /npx node |\/node_modules\/\.bin\/node /;
  expect(commands.filter((command) => !own.test(command))).toEqual([
    // In the image, whose Node is the right one.
    'deploy/README.md: runs `node services/<name>/main.ts',
  ]);
});
