import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actOn, refusalOf } from '#libs/casework/acts.ts';
import {
  type AlertLife,
  beginAlert,
  growAlert,
  type Member,
  memberAfter,
  newestOf,
  settleAlert,
} from '#libs/casework/alert-life.ts';
import type { AlertEvent, Step } from '#libs/casework/alert-steps.ts';
import { type Act, SYSTEM } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Silence } from '#libs/model/silence.ts';
import { aFinding } from '#test/contract/ledger/samples.ts';

/** Something happens: a message, an act, a silence that begins (or ends, with its job). Each a second later. */
type Happening =
  | { readonly what: 'message'; readonly finding: Partial<Finding> }
  | { readonly what: 'act'; readonly act: Act; readonly by: string }
  | { readonly what: 'silence'; readonly seconds: number };

const message = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom('open' as const, 'closed' as const),
    updatedMs: fc.integer({ min: 2_000, max: 2_030 }),
  })
  .map((finding) => ({ what: 'message', finding: { ...finding, node: `n-${finding.id}` } }) as const);
const reason = 'of the test';
const act = fc
  .record({
    act: fc.constantFrom<Act>(
      { kind: 'acknowledge' },
      { kind: 'assign', assignee: 'kim' },
      { kind: 'comment', text: reason },
      { kind: 'escalate', reason },
      { kind: 'resolve', reason },
      { kind: 'reopen', reason },
    ),
    by: fc.constantFrom('alex', SYSTEM),
  })
  .map((given) => ({ what: 'act', ...given }) as const);
const silence = fc.integer({ min: 1, max: 4 }).map((seconds) => ({ what: 'silence', seconds }) as const);
const happenings = fc.array(
  fc.oneof({ weight: 4, arbitrary: message }, { weight: 3, arbitrary: act }, silence),
  {
    minLength: 1,
    maxLength: 30,
  },
);

/** One alert, and what people believe of it from the notices alone. */
class World {
  readonly #known = new Map<string, { newest: Finding; member: Member }>();
  #nowMs = 10_000;
  #coveredUntilMs = 0;
  #acts = 0;
  life: AlertLife | null = null;
  believed = false;
  readonly notices: string[] = [];

  happen(happening: Happening): void {
    this.#nowMs += 1_000;
    this.#keep(this.life && settleAlert(this.life, this.#moment()));
    if (happening.what === 'message') this.#keep(this.#take(happening.finding));
    else if (happening.what === 'act') this.#keep(this.#act(happening.act, happening.by));
    else {
      this.#coveredUntilMs = this.#nowMs + happening.seconds * 1_000;
      this.#keep(this.life && settleAlert(this.life, this.#moment()));
    }
  }

  get covered(): boolean {
    return this.#nowMs < this.#coveredUntilMs;
  }

  /** The newest states again: what a redelivery brings. */
  redelivered(): readonly Step[] {
    return [...this.#known.values()].flatMap(({ newest }) => this.#take(newest) ?? []);
  }

  #take(given: Partial<Finding>): Step {
    const finding = aFinding(given);
    const former = this.#known.get(finding.id);
    const newest = former ? newestOf(former.newest, finding) : finding;
    const member = memberAfter(former?.member ?? null, finding, newest);
    const isNewNode = ![...this.#known.values()].some((other) => other.member.node === member.node);
    this.#known.set(finding.id, { newest, member });
    if (!this.life) return beginAlert('alert', finding, member, this.#moment());
    return growAlert(this.life, former?.member ?? null, member, isNewNode, this.#moment());
  }

  #act(deed: Act, by: string): Step | null {
    if (!this.life || refusalOf(this.life, deed, by, this.#moment()) !== null) return null;
    return actOn(this.life, deed, by, this.#moment());
  }

  #keep(step: Step | null): void {
    if (!step) return;
    const wasSilenced = this.life?.alert.state === 'silenced';
    this.#acts += step.acts.length;
    for (const event of step.events) this.#tell(event, step.life.episode, wasSilenced);
    this.life = step.life;
  }

  #tell(event: AlertEvent, episode: number, wasSilenced: boolean): void {
    const isNews = {
      opened: !this.believed || wasSilenced,
      escalated: this.believed,
      resolved: this.believed,
    };
    expect(isNews[event], `${event} is news`).toBe(true);
    this.believed = event !== 'resolved';
    this.notices.push(`${event}-${episode}${event === 'escalated' ? `-${this.#acts}` : ''}`);
  }

  #moment() {
    return { nowMs: this.#nowMs, cover: this.covered ? { ...COVER, untilMs: this.#coveredUntilMs } : null };
  }
}

const COVER: Silence = {
  id: 's',
  purpose: 'silence',
  scope: { site: 'hall-1' },
  fromMs: 0,
  untilMs: 0,
  reason,
  by: 'alex',
  createdMs: 0,
  endedMs: null,
  endedBy: null,
};

test('whatever happens, people believe what is so, and no notice is doubled', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const world = new World();
      for (const happening of list) {
        world.happen(happening);
        const { life } = world;
        if (!life) continue;
        const { state, resolvedMs } = life.alert;
        expect(life.announced).toBe(world.believed);
        expect(resolvedMs !== null).toBe(state === 'resolved');
        expect(state === 'silenced').toBe(world.covered && state !== 'resolved');
        // Nobody is left in the dark about what goes on, nor in the belief that what is over goes on.
        if (state !== 'silenced') expect(world.believed).toBe(state !== 'resolved');
        if (state === 'resolved' && life.open > 0) expect(life.resolvedBy).not.toBeNull();
      }
      expect(new Set(world.notices).size).toBe(world.notices.length);
    }),
    { numRuns: 1_000 },
  );
});

test('whatever has happened, the same messages again change nothing', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const world = new World();
      for (const happening of list) world.happen(happening);
      expect(world.redelivered().every(({ change }) => change === 'unchanged')).toBe(true);
    }),
    { numRuns: 300 },
  );
});
