import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SimulationCase } from '../helpers/random-simulations/simulation-case.ts';
import { problemsOf } from '../helpers/random-simulations/simulation-case.ts';

/** A random network that failed once, as it was. */
function foundCase(name: string): SimulationCase {
  const file = path.join(import.meta.dirname, 'fixtures', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as SimulationCase;
}

describe('what random networks have found', () => {
  it('a claimer that asks the Package Server of its site is not waited for by it', () => {
    expect(problemsOf(foundCase('claimer-waits-for-package-server'))).toEqual([]);
  });

  it('who asks a computer for blocks before it goes on with a download is one of its followers', () => {
    expect(problemsOf(foundCase('asked-before-it-goes-on'))).toEqual([]);
  });

  it('who hands its claim over tells its last block at once, however lately it told the others', () => {
    expect(problemsOf(foundCase('hand-over-after-a-notice'))).toEqual([]);
  });

  it('what a configuration withdraws is asked for no more because of what else is in it', () => {
    expect(problemsOf(foundCase('withdrawn-with-a-new-policy'))).toEqual([]);
  });

  it('who starts anew without a goodbye is told who is there, as a newcomer is', () => {
    expect(problemsOf(foundCase('restart-without-a-goodbye'))).toEqual([]);
  });

  it('a block that was under way when its package was paused ends after the package goes on', () => {
    expect(problemsOf(foundCase('paused-and-resumed'))).toEqual([]);
  });

  it('two requests to one peer that time out in the same moment are one stall, and what it holds crosses no WAN link again', () => {
    expect(problemsOf(foundCase('both-requests-end-together'))).toEqual([]);
  });

  it('a Package Server that had to make room fetches the package again for whoever asks', () => {
    expect(problemsOf(foundCase('demanded-after-it-made-room'))).toEqual([]);
  });

  it('who is silenced before it has passed a withdrawal on keeps it to itself', () => {
    expect(problemsOf(foundCase('silenced-with-a-withdrawal'))).toEqual([]);
  });

  it('a download whose files are opened as a blockout begins says nothing before the blockout is over', () => {
    expect(problemsOf(foundCase('blocked-out-as-it-opens'))).toEqual([]);
  });

  it('a computer that could not be reached and asks for blocks again is one of the followers', () => {
    expect(problemsOf(foundCase('asked-by-who-was-unreachable'))).toEqual([]);
  });

  it('who asks for blocks before a word of it was heard is one of the followers', () => {
    expect(problemsOf(foundCase('asked-by-who-was-never-heard'))).toEqual([]);
  });

  it('of two claims of one epoch the lower one can be released without a word for the higher one', () => {
    expect(problemsOf(foundCase('two-claims-of-one-epoch'))).toEqual([]);
    expect(problemsOf(foundCase('lower-claim-released'))).toEqual([]);
  });

  it('the last word before a hand-over goes to additional subnets as early as to the own one', () => {
    expect(problemsOf(foundCase('hand-over-to-additional-subnets'))).toEqual([]);
  });

  it('what is installed for a delivery that was taken back says nothing of the one that came after it', () => {
    expect(problemsOf(foundCase('delivered-again-while-installing'))).toEqual([]);
  });

  it('a computer on Wi-Fi that was cut off looks for the others as soon as the server is there again', () => {
    expect(problemsOf(foundCase('found-again-on-wifi'))).toEqual([]);
  });

  it('computers on Wi-Fi that were cut off together learn who has come meanwhile', () => {
    expect(problemsOf(foundCase('met-again-on-wifi'))).toEqual([]);
  });

  it('what only a computer has that installs something for hours crosses the WAN again after five minutes', () => {
    expect(problemsOf(foundCase('installs-for-longer-than-anybody-waits'))).toEqual([]);
  });

  it('a computer that was carried elsewhere tells those whom it left nothing that they heed', () => {
    expect(problemsOf(foundCase('carried-away-while-nothing-answers'))).toEqual([]);
  });

  it('a package that is delivered again while it is being deleted gets its snapshot once more', () => {
    expect(problemsOf(foundCase('delivered-again-while-it-is-deleted'))).toEqual([]);
  });

  it('who had made room for others is not ready any more when the package is delivered again', () => {
    expect(problemsOf(foundCase('delivered-again-after-it-made-room'))).toEqual([]);
  });

  it('who sent a damaged block of one package may give lanes in another', () => {
    expect(problemsOf(foundCase('damaged-in-one-package-lane-in-another'))).toEqual([]);
  });

  it('a Package Server of the site that fails after all others have is not the end of asking', () => {
    expect(problemsOf(foundCase('fails-after-all-have-failed'))).toEqual([]);
  });

  it('an interrupted installation is tried again only once its end is written down', () => {
    expect(problemsOf(foundCase('retried-while-its-end-is-written-down'))).toEqual([]);
  });

  it('who is carried into another time zone obeys its blockouts within a minute', () => {
    expect(problemsOf(foundCase('carried-into-a-blockout'))).toEqual([]);
  });

  it('what only a computer has that has banned another crosses the WAN again for that one', () => {
    expect(problemsOf(foundCase('banned-has-to-fetch-for-itself'))).toEqual([]);
  });

  it('who follows a claim that the release of a higher one ends is told of that at once', () => {
    expect(problemsOf(foundCase('followers-told-of-higher-release'))).toEqual([]);
  });

  it('an answer that a Package Server owes when it is carried away reaches nobody', () => {
    expect(problemsOf(foundCase('carried-away-with-an-answer-to-give'))).toEqual([]);
  });

  it('that nobody answers at the address that a peer had says nothing about the peer', () => {
    expect(problemsOf(foundCase('asked-at-its-former-address'))).toEqual([]);
  });

  it('blocks that the disk loses while a package is put in place are told of no longer', () => {
    expect(problemsOf(foundCase('damaged-as-it-is-put-in-place'))).toEqual([]);
  });

  it('a follower that answers nothing any more is not waited for by who looks after it', () => {
    expect(problemsOf(foundCase('follower-behind-a-pulled-plug'))).toEqual([]);
  });
});
