import { describe, expect, it } from 'vitest';
import { Sessions } from '../../electron/notification-server/people/sessions.ts';

const hourMs = 60 * 60 * 1000;
const origin = { address: '127.0.0.1', client: 'a browser' };

function sessionsAt(): { sessions: Sessions; pass: (ms: number) => void; ended: () => number } {
  let nowMs = 1_000_000;
  let ended = 0;
  const sessions = new Sessions(
    () => nowMs,
    () => ended++,
  );
  return {
    sessions,
    pass: (ms) => {
      nowMs += ms;
    },
    ended: () => ended,
  };
}

describe('a session', () => {
  it('ends after 12 hours without use', () => {
    const { sessions, pass } = sessionsAt();
    const { cookie } = sessions.open(null, origin);
    for (let use = 0; use < 3; use++) {
      pass(12 * hourMs - 1);
      expect(sessions.ofCookie(cookie)).not.toBeNull();
    }
    pass(12 * hourMs);
    expect(sessions.ofCookie(cookie)).toBeNull();
  });

  it('ends after 7 days, however busy it is', () => {
    const { sessions, pass } = sessionsAt();
    const { cookie, session } = sessions.open('ada', origin);
    for (let hour = 0; hour < 7 * 24 - 1; hour++) {
      pass(hourMs);
      expect(sessions.ofCookie(cookie)?.id).toBe(session.id);
      sessions.touch(session.id);
    }
    pass(hourMs);
    expect(sessions.isOpen(session.id)).toBe(false);
    expect(sessions.ofCookie(cookie)).toBeNull();
  });

  it('stays used by what a person does over the feed', () => {
    const { sessions, pass } = sessionsAt();
    const { cookie, session } = sessions.open('ada', origin);
    pass(11 * hourMs);
    sessions.touch(session.id);
    pass(11 * hourMs);
    expect(sessions.ofCookie(cookie)).not.toBeNull();
  });

  it('ends with all others of its account, but for the one that is spared', () => {
    const { sessions, ended } = sessionsAt();
    const [one, other] = [sessions.open('ada', origin), sessions.open('ada', origin)];
    const local = sessions.open(null, origin);
    sessions.endAllOf('ada', other.session.id);
    expect([one, other, local].map(({ session }) => sessions.isOpen(session.id))).toEqual([false, true, true]);
    expect(ended()).toBe(1);
    expect(sessions.end(one.session.id)).toBe(false);
    expect(ended()).toBe(1);
  });

  it('of somebody who signs in again and again pushes out no one else', () => {
    const { sessions } = sessionsAt();
    const calm = sessions.open('calm', origin);
    const wild = Array.from({ length: 2000 }, () => sessions.open('wild', origin));
    expect(sessions.list()).toHaveLength(51);
    expect([calm, wild.at(-1), wild[0]].map((one) => sessions.isOpen(one?.session.id ?? ''))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

it('a link works once, within ten minutes', () => {
  const { sessions, pass } = sessionsAt();
  const [used, late] = [sessions.makeLinkToken(), sessions.makeLinkToken()];
  expect([sessions.spendLinkToken(used), sessions.spendLinkToken(used)]).toEqual([true, false]);
  pass(10 * 60 * 1000);
  expect(sessions.spendLinkToken(late)).toBe(false);
});
