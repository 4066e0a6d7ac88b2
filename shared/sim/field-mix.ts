import { BlockSet } from '../base/block-set.ts';

/**
 * A 64-bit mix of nested fields, to tell what happened from anything else that might have: not cryptographic, nobody forges a
 * simulation. Equal values give equal mixes on every machine; each value is mixed with its kind, so that 1, '1', [1] and {a: 1}
 * differ.
 */
export class FieldMix {
  readonly #number = new DataView(new ArrayBuffer(8));
  #high = 0;
  #low = 0;

  start(): void {
    this.#high = 0x9747b28c;
    this.#low = 0x3c6ef372;
  }

  get high(): number {
    return finish(this.#high ^ this.#low);
  }

  get low(): number {
    return finish(Math.imul(this.#low, 0x5bd1e995) ^ this.#high);
  }

  add(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.#addNumber(value);
        return;
      case 'string':
        this.#addText(value);
        return;
      case 'boolean':
        this.#word(value ? 3 : 5);
        return;
      case 'object':
        if (value === null) this.#word(7);
        else this.#addObject(value);
        return;
      default:
        this.#word(11);
    }
  }

  #addObject(value: object): void {
    if (value instanceof BlockSet) {
      this.#word(13);
      this.#word(value.size);
      for (let index = 0; index * 32 < value.size; index++) this.#word(value.word(index));
    } else if (Array.isArray(value)) {
      this.#word(17);
      this.#word(value.length);
      for (const entry of value) this.add(entry);
    } else if (value instanceof Map || value instanceof Set) this.add([...value]);
    else {
      this.#word(19);
      for (const name of Object.keys(value)) {
        this.#addText(name);
        this.add((value as Record<string, unknown>)[name]);
      }
      this.#word(23);
    }
  }

  #addNumber(value: number): void {
    if ((value | 0) === value) {
      this.#word(29);
      this.#word(value);
      return;
    }
    this.#number.setFloat64(0, value);
    this.#word(31);
    this.#word(this.#number.getInt32(0));
    this.#word(this.#number.getInt32(4));
  }

  #addText(text: string): void {
    let high = this.#high ^ text.length;
    let low = this.#low;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      high = Math.imul(high ^ code, 0x5bd1e995);
      low = Math.imul((low << 15) | (low >>> 17), 0xc2b2ae35) ^ code;
    }
    this.#high = high ^ (high >>> 15);
    this.#low = low ^ (high >>> 7);
  }

  #word(word: number): void {
    const high = Math.imul(this.#high ^ word, 0x5bd1e995);
    this.#high = (high << 13) | (high >>> 19);
    const low = Math.imul(this.#low ^ word, 0xc2b2ae35);
    this.#low = ((low << 15) | (low >>> 17)) ^ this.#high;
  }
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
