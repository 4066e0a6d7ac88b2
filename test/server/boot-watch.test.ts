import { describe, expect, it } from 'vitest';
import { BootWatch } from '../../shared/server/boot-watch.ts';

const nothing = { isClone: false, foundClone: null };

describe('the watch over boots', () => {
  it('takes restarts for restarts, however many', () => {
    const watch = new BootWatch();
    for (let boot = 1; boot <= 50; boot++) {
      expect(watch.seen(boot, boot * 60_000)).toEqual(nothing);
      expect(watch.seen(boot, boot * 60_000 + 30_000)).toEqual(nothing);
    }
  });

  it('takes a request that was under way when its process ended for what it is', () => {
    const watch = new BootWatch();
    watch.seen(1, 0);
    watch.seen(2, 60_000);
    expect(watch.seen(1, 69_000)).toEqual(nothing);
    expect(watch.isClone(2)).toBe(false);
  });

  it('finds the later one to be the copy when the former one goes on', () => {
    const watch = new BootWatch();
    watch.seen(1, 0);
    watch.seen(2, 60_000);
    expect(watch.seen(1, 75_000)).toEqual({ isClone: false, foundClone: 2 });
    expect(watch.seen(2, 76_000)).toEqual({ isClone: true, foundClone: null });
    expect(watch.seen(1, 77_000)).toEqual(nothing);
  });

  it('is told of a copy by who has seen both alive', () => {
    const watch = new BootWatch();
    watch.seen(1, 0);
    watch.seen(2, 1000);
    watch.markClone(2, 1, 1500);
    expect(watch.isClone(2)).toBe(true);
    expect(watch.seen(1, 1600)).toEqual(nothing);
    // The original is restarted later: nothing wrong with that.
    expect(watch.seen(3, 90_000)).toEqual(nothing);
    expect(watch.isClone(3)).toBe(false);
  });
});
