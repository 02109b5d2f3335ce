import { describe, expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { Finding } from '#libs/model/finding.ts';
import { frame, register, START_MS, StageWorld, sha256 } from './world.ts';

const MINUTE_MS = 60_000;
const FRAMES_A_MINUTE = 6;

/** Stage 1 and what stage 2 makes of it, for one node whose frames come `lagMs` after their end. */
class LateWorld {
  readonly first = new StageWorld(register(['n1']));
  readonly story: string[] = [];
  readonly #second = new SiteStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => register(['n1']),
    publish: ({ kind, status, severity }: Finding) => this.story.push(`${kind} ${status} ${severity}`),
  });
  sequence = 0;

  get last() {
    return this.first.assessments.at(-1);
  }

  minutes(count: number, lagMs: (sequence: number) => number): void {
    for (let i = 0; i < count * FRAMES_A_MINUTE; i++) {
      const one = frame({ sequence: ++this.sequence });
      this.first.receivedMs = one.endMs + lagMs(this.sequence);
      const heard = this.first.assessments.length;
      this.first.frame(one);
      for (const assessment of this.first.assessments.slice(heard)) this.#second.assessment(assessment);
    }
  }
}

describe('a clock that is behind', () => {
  test('is a clock finding after ten minutes, of medium severity after an hour, and ends with it', () => {
    const world = new LateWorld();
    world.minutes(10, () => 90_000);
    expect(world.story).toEqual([]);
    world.minutes(4, () => 90_000);
    expect(world.story).toEqual(['clock open low']);
    expect(world.last?.grade).toBe('D');
    expect(world.last?.counterReasons.map(({ text }) => text)).toContain(
      'Its minutes are not those of meters and peers, so that they cannot be compared.',
    );
    world.minutes(62, () => 90_000);
    expect(world.story).toEqual(['clock open low', 'clock open medium']);
    world.minutes(8, () => 0);
    expect(world.story.at(-1)).toBe('clock closed medium');
  });

  test('goes on to be noticed through a checkpoint', () => {
    const world = new LateWorld();
    world.minutes(8, () => 90_000);
    world.first.restart();
    world.minutes(6, () => 90_000);
    expect(world.story).toEqual(['clock open low']);
  });

  test('is not what empties a spool: there the lag shrinks', () => {
    const world = new LateWorld();
    const hours = 3_600_000 * 6;
    world.minutes(60, (sequence) => hours - sequence * 5_000);
    expect(world.story).toEqual([]);
  });

  test('is not one late minute, nor frames that are late beside one that is not', () => {
    const world = new LateWorld();
    world.minutes(60, (sequence) => (sequence % FRAMES_A_MINUTE === 0 ? 2_000 : 61_000));
    world.minutes(1, () => 5 * MINUTE_MS);
    world.minutes(20, () => 2_000);
    expect(world.story).toEqual([]);
  });
});

test('a node that a person enrolled is where they said, whatever its frames claim', () => {
  const [known] = register(['n1']).nodes.values();
  if (known === undefined) throw new Error('expected a node');
  const nodes = new Map([['n1', { ...known, enrolled: true, site: 'hall-a' }]]);
  const world = new StageWorld({ ...register([]), nodes });
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence, site: 'simulated-1' }));
  world.ticks(START_MS + 80_000, START_MS + 120_000);
  expect(world.summaries[0]?.site).toBe('hall-a');
  expect(new Set(world.assessments.map(({ site }) => site))).toEqual(new Set(['hall-a']));
});
