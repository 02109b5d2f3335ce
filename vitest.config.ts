import { defineConfig } from 'vitest/config';

const minute = 60_000;

/** Projects run one after the other, in this order; `serial` keeps the files of one from running beside each other. */
const project = (name: string, order: number, testTimeout: number, serial = false) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    fileParallelism: !serial,
    sequence: { groupOrder: order },
  },
});

const withSetup = (given: ReturnType<typeof project>, globalSetup: string) => ({
  ...given,
  test: { ...given.test, globalSetup },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/servers/closing-line.ts'],
    projects: [
      project('unit', 0, 10_000),
      project('contract', 1, minute),
      project('e2e', 2, 10 * minute, true),
      withSetup(project('browser', 3, 5 * minute, true), './test/browser/support/build.ts'),
      project('chaos', 4, 10 * minute, true),
    ],
  },
});
