import { expect, it } from 'vitest';
import { updateFailure } from '../../electron/main/update-failures.ts';
import { desktopPreferencesSchema } from '../../shared/contracts/desktop-preferences.ts';

const feed = 'https://updates.example/fanout';

function coded(code: string, message = ''): Error {
  return Object.assign(new Error(message), { code });
}

it.each([
  [coded('ERR_CHECKSUM_MISMATCH', 'sha512 checksum mismatch, expected a, got b'), /is not the one that the feed names/],
  [coded('ERR_UPDATER_INVALID_SIGNATURE', 'New version 2 is not signed by the application owner'), /is not signed/],
  [coded('ERR_UPDATER_CHANNEL_FILE_NOT_FOUND', 'Cannot find channel'), /^There is no update feed at https/],
  [coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), /cannot be reached/],
  [new Error('net::ERR_NAME_NOT_RESOLVED'), /cannot be reached/],
  [coded('ERR_UPDATER_INVALID_UPDATE_INFO', 'Cannot parse update info'), /is no update feed/],
  [coded('ENOSPC', 'write'), /no room on the disk/],
  [coded('EACCES', 'open'), /this account may not/],
  [new Error('something else\n    at a stack'), /^The update failed: something else$/],
  ['a text', /^The update failed: a text$/],
])('says %s in words', (error, words) => {
  expect(updateFailure(error, feed)).toMatch(words);
});

it.each([
  ['', true],
  ['https://updates.example/fanout', true],
  ['http://127.0.0.1:8080/feed', true],
  ['http://localhost/feed', true],
  ['http://updates.example/fanout', false],
  ['http://127.0.0.1.example/feed', false],
  ['https://name:password@updates.example/', false],
  ['file:///srv/updates', false],
  ['https://a b', false],
])('takes %j for a feed: %s', (url, isTaken) => {
  expect(desktopPreferencesSchema.shape.updateFeedUrl.safeParse(url).success).toBe(isTaken);
});
