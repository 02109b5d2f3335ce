import { Refusal } from './replies.ts';

/** Bounds how many requests are in hand, of all holders and of one, so that no single one holds all the places. */
export class Places {
  readonly #most: number;
  readonly #each: number;
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(most: number, each: number) {
    this.#most = most;
    this.#each = each;
  }

  /**
   * @param holder who is served: a node, or a grant.
   * @returns gives the place back; once.
   * @throws Refusal where there is none.
   */
  take(holder: string): () => void {
    const own = this.#held.get(holder) ?? 0;
    if (own >= this.#each) throw new Refusal(503, `${own} requests of yours in hand: ${COME_BACK}`);
    if (this.#taken >= this.#most) throw new Refusal(503, `${this.#taken} requests in hand: ${COME_BACK}`);
    this.#held.set(holder, own + 1);
    this.#taken += 1;
    return () => this.#free(holder);
  }

  #free(holder: string): void {
    const left = (this.#held.get(holder) ?? 0) - 1;
    if (left > 0) this.#held.set(holder, left);
    else this.#held.delete(holder);
    this.#taken -= 1;
  }
}

const COME_BACK = 'expected you to come back';
