/**
 * A number below `bound` that depends on these numbers alone: what happens to one computer on one day is the same however
 * many others there are, and whenever it is asked.
 */
export function chosenBelow(bound: number, ...from: readonly number[]): number {
  let x = 0x9e3779b9;
  for (const number of from) {
    x = (Math.imul(x ^ (number >>> 0), 0x85ebca6b) + 0x9e3779b9) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0xc2b2ae35) >>> 0;
    x = (x ^ (x >>> 13)) >>> 0;
  }
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = (x ^ (x >>> 15)) >>> 0;
  return Math.floor((x / 4294967296) * bound);
}
