/**
 * Highest random weight (rendezvous hashing, Thaler and Ravishankar 1998): everybody who knows the same set ranks it the
 * same way for a key, without talking. The weight is a 52-bit mix of both names, not a cryptographic hash: who is first
 * has no privilege worth forging, identities are certified.
 */
export function hrwWeight(member: string, key: string): number {
  let high = 0x9747b28c;
  let low = 0x3c6ef372;
  const mix = (text: string): void => {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      high = Math.imul(high ^ code, 0x5bd1e995);
      high = (high << 13) | (high >>> 19);
      low = Math.imul(low ^ code, 0xc2b2ae35);
      low = (low << 15) | (low >>> 17);
    }
    high = finish(high ^ low);
    low = finish(low ^ high);
  };
  mix(member);
  mix(key);
  return (high >>> 6) * 67108864 + (low >>> 6);
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The members in falling order of weight for `key`; equal weights in the order of their names. */
export function rankByHrw<Member extends string>(members: Iterable<Member>, key: string): Member[] {
  return [...members]
    .map((member) => ({ member, weight: hrwWeight(member, key) }))
    .sort((a, b) => b.weight - a.weight || (a.member < b.member ? -1 : 1))
    .map(({ member }) => member);
}
