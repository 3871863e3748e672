/** Chance that can be repeated: the same seed throws the same numbers in the same order. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1): mulberry32. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  readonly throw = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.throw() < probability;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.throw();
  }

  pick<T>(things: readonly [T, ...T[]]): T {
    return things[Math.floor(this.throw() * things.length)] ?? things[0];
  }

  /** Another one, whose numbers do not depend on how often this one is thrown. */
  another(): Dice {
    return new Dice(this.throw() * 2 ** 32);
  }
}
