/** Why an update was not had, for people; the updater's own words are codes and stacks. */

const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|net::ERR_|ERR_UPDATER_CHANNEL_FILE_NOT_FOUND/;

export function updateFailure(error: unknown, feedUrl: string): string {
  const { code = '', message } =
    error instanceof Error ? (error as Error & { code?: string }) : { message: String(error) };
  const text = `${code} ${message}`;
  if (/sha512|checksum|ERR_CHECKSUM_MISMATCH/i.test(text)) {
    return 'The file that was downloaded is not the one that the feed names (its SHA-512 differs). It was thrown away.';
  }
  if (/not signed|ERR_UPDATER_INVALID_SIGNATURE|signature/i.test(text)) {
    return 'The file that was downloaded is not signed as this version is. It was thrown away.';
  }
  if (/ERR_UPDATER_CHANNEL_FILE_NOT_FOUND|HttpError: 404|HTTP_ERROR_404| 404 /.test(text)) {
    return `There is no update feed at ${feedUrl} (no file such as latest-linux.yml).`;
  }
  if (unreachable.test(text)) return `The update feed at ${feedUrl} cannot be reached.`;
  if (
    /ERR_UPDATER_INVALID_UPDATE_INFO|YAMLException|ERR_UPDATER_INVALID_RELEASE_FEED|ERR_UPDATER_NO_FILES_PROVIDED/.test(
      text,
    )
  ) {
    return `What is at ${feedUrl} is no update feed.`;
  }
  if (/ENOSPC/.test(text)) return 'There is no room on the disk for the update.';
  if (/EACCES|EPERM|EROFS/.test(text)) return 'The update cannot be written: this account may not.';
  return `The update failed: ${message.split('\n')[0]?.slice(0, 300) ?? ''}`;
}
