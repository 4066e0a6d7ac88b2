/** Chance as the core sees it: seeded, so that one number reproduces a whole run. */
export interface RandomPort {
  /** Uniform integer in 0 … bound − 1; `bound` is 1 … 2^31. */
  below(bound: number): number;
}

/** xoshiro128** (Blackman and Vigna, https://prng.di.unimi.it), state filled by splitmix32 from a 32-bit seed. */
export class Xoshiro128 implements RandomPort {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let x = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.#state[index] = (z ^ (z >>> 16)) >>> 0;
    }
  }

  below(bound: number): number {
    // Multiply-shift over 32 bits: the bias is below 2^-1 of one part in 2^32/bound, far under what a policy can notice.
    return Math.floor((this.#next() / 4294967296) * bound);
  }

  #next(): number {
    const s = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = s1 << 9;
    const t2 = s2 ^ s0;
    const t3 = s3 ^ s1;
    s[1] = s1 ^ t2;
    s[0] = s0 ^ t3;
    s[2] = t2 ^ shifted;
    s[3] = (t3 << 11) | (t3 >>> 21);
    return result;
  }
}
