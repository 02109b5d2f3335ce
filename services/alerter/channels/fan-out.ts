import { DeliveryError } from '#libs/runtime/errors.ts';

/** A receiver that did not take a notice this time. */
export interface Refusal {
  readonly receiver: string;
  /** A sentence for a person: who, what was answered, what to do. */
  readonly reason: string;
  /** Attempts after which it no longer holds up those who took the notice. */
  readonly patience: number;
}

interface Round {
  readonly has: Set<string>;
  readonly refused: Map<string, number>;
}

/** Notices that are remembered of either kind; beyond, the oldest are taken as new. */
const REMEMBERED = 10_000;

/**
 * Several receivers behind one channel. Who has a notice is not sent it again while others are retried; and one that
 * keeps refusing what others took holds nothing up for ever: when its patience is used up the notice counts as
 * delivered. What all refuse is never given up. Kept in memory: after a restart all may be told once more.
 */
export class FanOut {
  readonly #receivers: readonly string[];
  readonly #rounds = new Map<string, Round>();
  readonly #delivered = new Map<string, true>();

  constructor(receivers: readonly string[]) {
    this.#receivers = receivers;
  }

  /** Whether this notice has been delivered in this process: to send it again is to repeat it. */
  hasDelivered(id: string): boolean {
    return this.#delivered.has(id);
  }

  /**
   * @param isRepeat it was delivered before: it is enough that one takes it.
   * @throws DeliveryError with the reasons of all who refused, or what `send` throws.
   */
  async deliver(
    id: string,
    send: (receivers: readonly string[]) => Promise<readonly Refusal[]>,
    isRepeat = false,
  ): Promise<void> {
    const round = this.#rounds.get(id) ?? { has: new Set(), refused: new Map() };
    remember(this.#rounds, id, round);
    const { has, refused } = round;
    const asked = this.#receivers.filter((receiver) => !has.has(receiver));
    const refusals = await send(asked);
    for (const receiver of asked) has.add(receiver);
    for (const { receiver } of refusals) {
      has.delete(receiver);
      refused.set(receiver, (refused.get(receiver) ?? 0) + 1);
    }
    const holdsUp = ({ receiver, patience }: Refusal) => !isRepeat && (refused.get(receiver) ?? 0) < patience;
    if (refusals.length > 0 && (has.size === 0 || refusals.some(holdsUp)))
      throw this.#notYet(refusals, has.size);
    this.#rounds.delete(id);
    remember(this.#delivered, id, true);
  }

  #notYet(refusals: readonly Refusal[], have: number): DeliveryError {
    const reasons = refusals.map(({ reason }) => reason).join('; ');
    return new DeliveryError(
      have === 0 ? reasons : `${reasons} (${have} of ${this.#receivers.length} have it)`,
    );
  }
}

function remember<T>(map: Map<string, T>, id: string, value: T): void {
  map.set(id, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
}
